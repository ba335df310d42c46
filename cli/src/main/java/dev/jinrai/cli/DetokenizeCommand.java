package dev.jinrai.cli;

import dev.jinrai.tokenizer.Tokenizer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `jinrai detokenize`: token ids to text. What `tokenize` made of a text becomes that text.
@Command(
        name = "detokenize",
        sortOptions = false,
        description = {
            "Prints the text of token ids. The BOS and EOS tokens that 'tokenize' adds are left out,"
                    + " other special tokens are written out.",
            "",
            "With --jsonl it answers lines {\"ids\":[…], \"remove_special\":…,"
                    + " \"unparse_special\":…}, of which only ids must be there, with lines"
                    + " {\"text\":…} or {\"error\":…}; the exit code is 0 then, whatever the answers"
                    + " are. Bytes that are not UTF-8 become U+FFFD.",
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
        try (VocabularyFile file = vocabulary.open(io)) {
            Tokenizer tokenizer = file.tokenizer();
            if (lines) {
                JsonLines.answer(io, question -> answer(tokenizer, question));
                return Failures.DONE;
            }
            int[] parsed = TokenIds.parse("IDS", ids.orElseGet(() -> TextInput.read(io.in())));
            int size = tokenizer.vocabulary().size();
            String text = tokenizer.decode(TokenIds.check("IDS", parsed, size), true, true);
            if (json) {
                io.out().println(Json.write(Json.object("text", text)));
            } else {
                io.out().printGenerated(text);
                io.out().println("");
            }
        }
        return Failures.DONE;
    }

    private static Map<String, @Nullable Object> answer(Tokenizer tokenizer, JsonLines.Question question) {
        return Json.object(
                "text",
                tokenizer.decode(
                        question.ids("ids"),
                        question.flag("remove_special", true),
                        question.flag("unparse_special", true)));
    }
}
