package dev.jinrai.cli;

import dev.jinrai.Generation;
import dev.jinrai.Generation.Finish;
import dev.jinrai.Generation.Timings;
import dev.jinrai.Model;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What a model said, why it ended there, and how long it took.
///
/// @param text without the string that stopped it
record Answer(int[] prompt, int[] tokens, String text, Finish finish, Timings timings) {

    /// Lets an answer run to its end.
    ///
    /// @param shown sees each token when it is chosen; at the end, with the id −1, text that was held
    /// back
    static Answer of(Generation generation, int[] prompt, Consumer<Generation.Piece> shown) {
        int[] tokens = new int[64];
        int count = 0;
        var text = new StringBuilder();
        while (generation.hasNext()) {
            Generation.Piece piece = generation.next();
            if (count == tokens.length) {
                tokens = Arrays.copyOf(tokens, 2 * count);
            }
            tokens[count++] = piece.id();
            text.append(piece.text());
            shown.accept(piece);
        }
        text.append(generation.tail());
        shown.accept(new Generation.Piece(-1, generation.tail()));
        return new Answer(
                prompt,
                Arrays.copyOf(tokens, count),
                text.toString(),
                generation.finish(),
                generation.timings());
    }

    /// `prompt 14 tok 812.4 tok/s · first token 23 ms · generated 128 tok 51.2 tok/s`: of the prompt
    /// what had to be computed. What was not measured is left out.
    String timingLine() {
        var line = new StringBuilder();
        line.append(speed("prompt", timings.promptTokens(), promptPerSecond()));
        if (tokens.length > 0) {
            line.append(" · first token %d ms".formatted(Math.round(timings.firstTokenNanos() / 1e6)));
        }
        return line.append(speed(" · generated", tokens.length, generatedPerSecond())).toString();
    }

    private static String speed(String what, int tokens, double perSecond) {
        return perSecond > 0
                ? String.format(Locale.ROOT, "%s %d tok %.1f tok/s", what, tokens, perSecond)
                : "%s %d tok".formatted(what, tokens);
    }

    private double promptPerSecond() {
        return timings.promptTokens() * 1e9 / Math.max(1, timings.promptNanos());
    }

    /// The first token belongs to the prompt's time; 0 if there is no second.
    private double generatedPerSecond() {
        return timings.generated() * 1e9 / Math.max(1, timings.generatedNanos());
    }

    /// {@return the answer for programs}
    ///
    /// @param hasText whether the model has a vocabulary
    Map<String, @Nullable Object> json(Model model, Generation.Options options, boolean hasText, long loadNanos) {
        return Json.object(
                "prompt_tokens",
                prompt,
                "tokens",
                tokens,
                "text",
                hasText ? text : null,
                "finish_reason",
                finish.name().toLowerCase(Locale.ROOT),
                "timings",
                Json.object(
                        "load_ms",
                        loadNanos / 1e6,
                        "prompt_ms",
                        timings.promptNanos() / 1e6,
                        "prompt_per_second",
                        promptPerSecond(),
                        "first_token_ms",
                        timings.firstTokenNanos() / 1e6,
                        "generated_ms",
                        timings.generatedNanos() / 1e6,
                        "generated_per_second",
                        generatedPerSecond()),
                "backend",
                model.backend().name(),
                "model",
                model.file().toString(),
                "seed",
                options.sampling().seed());
    }
}
