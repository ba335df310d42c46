package dev.jinrai.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jinrai.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `jinrai tokenize`: text to token ids.
@Command(
        name = "tokenize",
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Prints the token ids of a text on one line, as --tokens of other commands takes them.",
            "",
            "With --jsonl it answers lines {\"text\":…, \"add_special\":…, \"parse_special\":…}, of"
                + " which only text must be there, with lines {\"ids\":[…]} or {\"error\":…}; the"
                + " exit code is 0 then, whatever the answers are.",
            ""
        })
final class TokenizeCommand implements Callable<Integer> {
    @Parameters(
            arity = "0..1",
            paramLabel = "TEXT",
            description = "The text; without it, standard input but for one line end at the end.")
    private Optional<String> text = Optional.empty();

    @Option(
            names = "--no-special",
            description = "Add no BOS, EOS or SEP token, even where the model wants them.")
    private boolean noSpecial;

    @Option(
            names = "--parse-special",
            description = "Find special tokens that are written out in the text, such as </s>.")
    private boolean parseSpecial;

    @Option(names = "--jsonl", description = "Answer lines of JSON on standard input.")
    private boolean lines;

    @Option(
            names = "--json",
            description = {
                "Print [{\"id\":…,\"piece\":…}, …]; a piece that is not UTF-8 has \"bytes\" too, in"
                        + " hexadecimal digits."
            })
    private boolean json;

    @Mixin private VocabularyArguments vocabulary = new VocabularyArguments();

    private final Io io;

    TokenizeCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() {
        if (lines && (json || text.isPresent())) {
            throw new UsageException("--jsonl: the texts come on standard input, without --json");
        }
        if (!lines && text.isEmpty() && io.interactive()) {
            throw new UsageException("no text: give one as argument or on standard input");
        }
        Tokenizer tokenizer = vocabulary.open(io).tokenizer();
        if (lines) {
            JsonLines.answer(io, question -> answer(tokenizer, question));
            return Failures.DONE;
        }
        String given = text.orElseGet(() -> TextInput.read(io.in()));
        int[] ids = tokenizer.encode(given, !noSpecial, parseSpecial);
        io.out().println(json ? Json.write(pieces(tokenizer, ids)) : TokenIds.format(ids));
        return Failures.DONE;
    }

    private Map<String, @Nullable Object> answer(Tokenizer tokenizer, JsonLines.Question question) {
        return Json.object(
                "ids",
                tokenizer.encode(
                        question.text("text"),
                        question.flag("add_special", !noSpecial),
                        question.flag("parse_special", parseSpecial)));
    }

    private static List<Map<String, @Nullable Object>> pieces(Tokenizer tokenizer, int[] ids) {
        var pieces = new ArrayList<Map<String, @Nullable Object>>();
        for (int id : ids) {
            byte[] bytes = tokenizer.piece(id, true);
            String text = new String(bytes, UTF_8);
            Map<String, @Nullable Object> piece = Json.object("id", id, "piece", text);
            if (!Arrays.equals(text.getBytes(UTF_8), bytes)) {
                piece.put("bytes", HexFormat.of().formatHex(bytes));
            }
            pieces.add(piece);
        }
        return pieces;
    }
}
