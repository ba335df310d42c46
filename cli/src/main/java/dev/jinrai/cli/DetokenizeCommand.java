package dev.jinrai.cli;

import dev.jinrai.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `jinrai detokenize`: token ids to text. What `tokenize` made of a text becomes exactly that text,
/// except where the vocabulary cleans up spaces or normalizes, or special tokens were parsed.
@Command(
        name = "detokenize",
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Prints the text of token ids: exactly what 'tokenize' was given, except where the"
                + " vocabulary cleans up spaces or normalizes, or special tokens were parsed. The"
                + " BOS and EOS or SEP tokens that it adds are left out, other special tokens are"
                + " written out. Bytes that are not UTF-8 become U+FFFD.",
            "",
            "With --jsonl it answers lines {\"ids\":[…]} with lines {\"text\":…} or {\"error\":…};"
                    + " the exit code is 0 then, whatever the answers are. A line that has"
                    + " \"remove_special\" or \"unparse_special\" gets what llama.cpp's"
                    + " llama_detokenize returns for them.",
            ""
        })
final class DetokenizeCommand implements Callable<Integer> {
    @Parameters(
            arity = "0..1",
            paramLabel = "IDS",
            description = "The ids, 1,15043 for example; without them, standard input.")
    private Optional<String> ids = Optional.empty();

    @Option(names = "--jsonl", description = "Answer lines of JSON on standard input.")
    private boolean lines;

    @Option(names = "--json", description = "Print {\"text\":…}.")
    private boolean json;

    @Mixin private VocabularyArguments vocabulary = new VocabularyArguments();

    private final Io io;

    DetokenizeCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() {
        if (lines && (json || ids.isPresent())) {
            throw new UsageException("--jsonl: the ids come on standard input, without --json");
        }
        if (!lines && ids.isEmpty() && io.interactive()) {
            throw new UsageException("no ids: give them as argument or on standard input");
        }
        Tokenizer tokenizer = vocabulary.open(io).tokenizer();
        if (lines) {
            JsonLines.answer(io, question -> answer(tokenizer, question));
            return Failures.DONE;
        }
        int[] parsed = TokenIds.parse("IDS", ids.orElseGet(() -> TextInput.read(io.in())));
        int size = tokenizer.vocabulary().size();
        String text = text(tokenizer, TokenIds.check("IDS", parsed, size));
        if (json) {
            io.out().println(Json.write(Json.object("text", text)));
        } else {
            io.out().printGenerated(text);
            io.out().println("");
        }
        return Failures.DONE;
    }

    private static Map<String, @Nullable Object> answer(
            Tokenizer tokenizer, JsonLines.Question question) {
        int[] ids = question.ids("ids");
        if (!question.has("remove_special") && !question.has("unparse_special")) {
            return Json.object("text", text(tokenizer, ids));
        }
        return Json.object(
                "text",
                tokenizer.decode(
                        ids,
                        question.flag("remove_special", false),
                        question.flag("unparse_special", false)));
    }

    /// The text that `tokenize` was given, as far as the vocabulary keeps it. llama.cpp's own function leaves the space that was put
    /// before the text where it is when a BOS token precedes it; here both go.
    private static String text(Tokenizer tokenizer, int[] ids) {
        int from = 0;
        int to = ids.length;
        if (to > from && tokenizer.addedInFront().equals(OptionalInt.of(ids[from]))) {
            from++;
        }
        if (to > from && tokenizer.addedAtEnd().equals(OptionalInt.of(ids[to - 1]))) {
            to--;
        }
        return tokenizer.decode(Arrays.copyOfRange(ids, from, to), false, true);
    }
}
