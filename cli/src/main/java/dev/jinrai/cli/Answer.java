package dev.jinrai.cli;

import dev.jinrai.Generation;
import dev.jinrai.Generation.Finish;
import dev.jinrai.Generation.Timings;
import dev.jinrai.Model;
import dev.jinrai.chat.output.OutputEvent;
import dev.jinrai.chat.output.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What a model said, why it ended there, and how long it took.
///
/// @param text without the string that stopped it
/// @param reply the text taken apart, if it is an answer in a chat
record Answer(
        List<Integer> prompt,
        List<Integer> tokens,
        String text,
        Optional<Reply> reply,
        Finish finish,
        Timings timings) {

    /// The id of a piece that is only text.
    static final int NO_TOKEN = -1;

    /// Lets an answer run to its end.
    ///
    /// @param shown sees each token when it is chosen; at the end, as [#NO_TOKEN], the text that was
    /// held back
    static Answer of(Generation generation, int[] prompt, Consumer<Generation.Piece> shown) {
        return of(generation, prompt, shown, Optional::empty);
    }

    /// Lets an answer in a chat run to its end.
    ///
    /// @param heard hears each part of it as soon as it is certain
    static Answer of(Generation generation, Chat.Prompt prompt, Consumer<OutputEvent> heard) {
        var events = new ArrayList<OutputEvent>();
        Consumer<List<OutputEvent>> hear =
                part -> {
                    events.addAll(part);
                    part.forEach(heard);
                };
        return of(
                generation,
                prompt.ids(),
                piece -> hear.accept(prompt.parser().append(piece.text())),
                () -> {
                    hear.accept(prompt.parser().finish(generation.isWhole()));
                    return Optional.of(Reply.of(events));
                });
    }

    private static Answer of(
            Generation generation,
            int[] prompt,
            Consumer<Generation.Piece> shown,
            Supplier<Optional<Reply>> reply) {
        var tokens = new ArrayList<Integer>();
        var text = new StringBuilder();
        while (generation.hasNext()) {
            Generation.Piece piece = generation.next();
            tokens.add(piece.id());
            text.append(piece.text());
            shown.accept(piece);
        }
        text.append(generation.tail());
        shown.accept(new Generation.Piece(NO_TOKEN, generation.tail()));
        return new Answer(
                IntStream.of(prompt).boxed().toList(),
                List.copyOf(tokens),
                text.toString(),
                reply.get(),
                generation.finish(),
                generation.timings());
    }

    /// `prompt 14 tok 812.4 tok/s · first token 23 ms · generated 128 tok 51.2 tok/s`: of the
    /// prompt what had to be computed. What was not measured is left out.
    String timingLine() {
        var line = new StringBuilder();
        line.append(speed("prompt", timings.promptTokens(), promptPerSecond()));
        if (tokens.size() > 0) {
            line.append(
                    " · first token %d ms".formatted(Math.round(timings.firstTokenNanos() / 1e6)));
        }
        return line.append(speed(" · generated", tokens.size(), generatedPerSecond())).toString();
    }

    private static String speed(String what, int tokens, double perSecond) {
        return perSecond > 0
                ? "%s %d tok %.1f tok/s".formatted(what, tokens, perSecond)
                : "%s %d tok".formatted(what, tokens);
    }

    /// 0 if the answer was stopped before the prompt was computed.
    private double promptPerSecond() {
        return timings.promptNanos() == 0
                ? 0
                : timings.promptTokens() * 1e9 / timings.promptNanos();
    }

    /// The first token belongs to the prompt's time; 0 if there is no second.
    private double generatedPerSecond() {
        return timings.generated() * 1e9 / Math.max(1, timings.generatedNanos());
    }

    /// {@return the answer for programs}
    ///
    /// @param hasText whether the model has a vocabulary
    Map<String, @Nullable Object> json(
            Model model, Generation.Options options, boolean hasText, long loadNanos) {
        Map<String, @Nullable Object> json = common(model, options, hasText, loadNanos);
        reply.ifPresent(parts -> {
            json.put("content", parts.content());
            json.put("reasoning_content", parts.reasoning().isEmpty() ? null : parts.reasoning());
            json.put("tool_calls", parts.toolCalls().stream().map(Speech::json).toList());
        });
        return json;
    }

    /// OpenAI's names, where there are such.
    private String finishReason() {
        boolean calls = reply.filter(parts -> !parts.toolCalls().isEmpty()).isPresent();
        return finish == Finish.STOP && calls
                ? "tool_calls"
                : finish.name().toLowerCase(Locale.ROOT);
    }

    private Map<String, @Nullable Object> common(
            Model model, Generation.Options options, boolean hasText, long loadNanos) {
        return Json.object(
                "prompt_tokens",
                prompt,
                "tokens",
                tokens,
                "text",
                hasText ? text : null,
                "finish_reason",
                finishReason(),
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
