package dev.jinrai.cli;

import dev.jinrai.Model;
import dev.jinrai.Session;
import dev.jinrai.quantize.ActivationSums;
import dev.jinrai.quantize.QuantizationException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `jinrai imatrix`: how much each input of a model's matrices matters, as `quantize` can use it.
@Command(
        name = "imatrix",
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Reads a text with a model, and writes an importance matrix: how large each input of"
                    + " each matrix is, in the mean over the text's tokens.",
            "",
            "'jinrai quantize --imatrix' and llama-quantize keep weights more exact that meet large"
                + " inputs. The text is read in pieces of --context tokens, each for itself; what"
                + " is left at the end is not. Take the model with 16 bits a weight, and a text"
                + " like those it is for.",
            ""
        })
final class ImatrixCommand implements Callable<Integer> {
    private static final int CHUNK = 512;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "TEXT",
            required = true,
            description = "The text, in UTF-8.")
    private Path text = Path.of("");

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE.gguf",
            description =
                    "Where to write; a file of this name is replaced (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("imatrix.gguf");

    @Option(
            names = "--chunks",
            paramLabel = "N",
            description = "Read at most so many pieces (default: all).")
    private int chunks = Integer.MAX_VALUE;

    @Option(names = "--process-output", description = "Look at the inputs of the output head too.")
    private boolean processOutput;

    @Option(
            names = "--parse-special",
            description = "Take the text's special tokens, such as <|user|>, for what they mean.")
    private boolean parseSpecial;

    @Mixin private ModelArguments model = new ModelArguments();
    @Mixin private JsonArguments output = new JsonArguments();

    private final Io io;

    ImatrixCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() {
        Range.whole("--chunks", chunks, 1, Integer.MAX_VALUE);
        OutputFile.checkApart(out, text, "the text");
        String content = TextInput.read(text);
        try (Model opened = model.open(io, CHUNK);
                Session session = opened.newSession()) {
            OutputFile.check(out, opened);
            int length = opened.contextLength();
            int[] ids = opened.tokenizer().encode(content, true, parseSpecial);
            int pieces = Math.min(chunks, ids.length / length);
            if (pieces == 0) {
                throw new CommandException(
                        "%s: has %d tokens, a piece takes %d; take a longer text or a shorter --context"
                                .formatted(text, ids.length, length));
            }
            var sums = new ActivationSums(processOutput);
            try (var _ = Interrupts.watch(this::interrupted)) {
                read(session, opened, ids, pieces, sums);
            }
            sums.imatrix(text.toString(), pieces, length).write(out);
            report(pieces, length);
        } catch (QuantizationException e) {
            throw new CommandException("%s: %s".formatted(text, e.getMessage()));
        }
        return Failures.DONE;
    }

    private void read(Session session, Model opened, int[] ids, int pieces, ActivationSums sums) {
        int length = opened.contextLength();
        OptionalInt first = opened.tokenizer().addedInFront();
        for (int i = 0; i < pieces; i++) {
            io.messages().progress("piece %d of %d".formatted(i + 1, pieces));
            int[] piece = Arrays.copyOfRange(ids, i * length, (i + 1) * length);
            first.ifPresent(bos -> piece[0] = bos); // as at the beginning of any text
            session.rewind(0);
            session.feed(piece, processOutput, sums);
        }
        io.messages().progress("");
    }

    private void report(int pieces, int length) {
        if (output.json) {
            io.out()
                    .println(
                            Json.write(
                                    Json.object(
                                            "output",
                                            out.toString(),
                                            "dataset",
                                            text.toString(),
                                            "chunks",
                                            pieces,
                                            "chunk_size",
                                            length)));
        } else {
            io.messages().line("%s: of %d pieces of %d tokens".formatted(out, pieces, length));
        }
    }

    private void interrupted() {
        io.messages().progress("");
        io.messages().notice("interrupted: nothing was written");
        Runtime.getRuntime().exit(Failures.INTERRUPTED);
    }
}
