package dev.jinrai.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jinrai.Model;
import dev.jinrai.Session;
import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.GgufWriter;
import dev.jinrai.tokenizer.Tokenizer;
import dev.jinrai.trace.Trace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `jinrai logits`: what a model computes for given ids, in llama.cpp's names and shapes.
@Command(
        name = "logits",
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Computes the logits at every position of a sequence of token ids.",
            "",
            "Prints the ten highest of each position; with --out it writes a GGUF file with the"
                    + " tensors 'tokens' (I32 [n]) and 'logits' (F32 [vocabulary, n]), with"
                    + " --all-tensors every intermediate under llama.cpp's name besides.",
            ""
        })
final class LogitsCommand implements Callable<Integer> {
    private static final int SHOWN = 10;

    /// Tokens of a pass: bounds the memory that all their logits and intermediates take.
    private static final int CHUNK = 64;

    @Option(
            names = "--tokens",
            paramLabel = "IDS",
            required = true,
            description = "The token ids, 1,15043 for example.")
    private String tokens = "";

    @Option(
            names = "--out",
            paramLabel = "FILE.gguf",
            description = "Write a GGUF file; one of this name is replaced.")
    private Optional<Path> out = Optional.empty();

    @Option(names = "--all-tensors", description = "Write every intermediate too.")
    private boolean allTensors;

    @Mixin private ModelArguments model = new ModelArguments();
    @Mixin private JsonArguments output = new JsonArguments();

    private final Io io;

    LogitsCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() {
        int[] ids = TokenIds.parse("--tokens", tokens);
        if (allTensors && out.isEmpty()) {
            throw new UsageException("--all-tensors: wanted with --out FILE.gguf");
        }
        if (output.json && out.isPresent()) {
            throw new UsageException("--json and --out exclude each other");
        }
        try (Model opened = model.open(io);
                Session session = opened.newSession()) {
            TokenIds.check("--tokens", ids, session.vocabularySize());
            out.ifPresent(path -> OutputFile.check(path, opened));
            if (out.isPresent()) {
                write(out.get(), opened, session, ids);
            } else {
                show(opened, session, ids);
            }
        }
        return Failures.DONE;
    }

    private void write(Path file, Model opened, Session session, int[] ids) {
        long size = (long) session.vocabularySize() * ids.length * Float.BYTES;
        if (size > Integer.MAX_VALUE - 8) {
            throw new CommandException(
                    "--tokens: the logits of %d positions take %s of at most 2 GiB; give fewer"
                            .formatted(ids.length, Bytes.of(size)));
        }
        ByteBuffer logits = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
        var intermediates = new Intermediates(opened.config());
        Trace trace = allTensors ? intermediates : Trace.NONE;
        for (int from = 0; from < ids.length; from += CHUNK) {
            int[] chunk = Arrays.copyOfRange(ids, from, Math.min(ids.length, from + CHUNK));
            session.feed(
                    chunk,
                    (_, row) -> {
                        for (float logit : row) {
                            logits.putFloat(logit);
                        }
                    },
                    trace);
        }
        var bytes = ByteBuffer.allocate(Integer.BYTES * ids.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(ids);
        var writer =
                new GgufWriter()
                        .string("general.architecture", "logits")
                        .string("jinrai.version", Program.Version.number())
                        .string("jinrai.backend", opened.backend().name())
                        .string("jinrai.model_file", opened.file().getFileName().toString())
                        .tensor("tokens", GgmlType.I32, List.of((long) ids.length), bytes.array())
                        .tensor(
                                "logits",
                                GgmlType.F32,
                                List.of((long) session.vocabularySize(), (long) ids.length),
                                logits.array());
        intermediates.addTo(writer);
        writer.write(file);
    }

    private void show(Model opened, Session session, int[] ids) {
        Optional<Tokenizer> tokenizer =
                output.json
                        ? Optional.empty()
                        : VocabularyFile.ifReadable(opened, "the ids have no text", io);
        var positions = new ArrayList<Object>();
        session.feed(
                ids,
                (position, logits) -> {
                    int[] best = best(logits);
                    if (output.json) {
                        positions.add(json(position, ids[position], best, logits));
                    } else {
                        print(position, ids[position], best, logits, tokenizer);
                    }
                });
        if (output.json) {
            io.out()
                    .println(
                            Json.write(
                                    Json.object(
                                            "tokens",
                                            ids,
                                            "backend",
                                            opened.backend().name(),
                                            "model",
                                            opened.file().toString(),
                                            "positions",
                                            positions)));
        }
    }

    /// {@return the ids of the highest logits, highest first; of equal ones the lowest id}
    private static int[] best(float[] logits) {
        int[] best = new int[Math.min(SHOWN, logits.length)];
        int count = 0;
        for (int id = 0; id < logits.length; id++) {
            int at = count;
            while (at > 0 && Float.compare(logits[best[at - 1]], logits[id]) < 0) {
                at--;
            }
            if (at < best.length) {
                count = Math.min(count + 1, best.length);
                System.arraycopy(best, at, best, at + 1, count - at - 1);
                best[at] = id;
            }
        }
        return best;
    }

    private static Object json(int position, int token, int[] best, float[] logits) {
        return Json.object(
                "position",
                position,
                "token",
                token,
                "top",
                Arrays.stream(best)
                        .mapToObj(id -> Json.object("id", id, "logit", logits[id]))
                        .toList());
    }

    private void print(
            int position, int token, int[] best, float[] logits, Optional<Tokenizer> tokenizer) {
        io.out()
                .println(
                        "position %d, token %d %s"
                                .formatted(position, token, piece(token, tokenizer)));
        var table = new Table("rrl");
        for (int id : best) {
            table.row(id, "%.6f".formatted(logits[id]), piece(id, tokenizer));
        }
        table.print(io.out());
        io.out().flush();
    }

    private static String piece(int id, Optional<Tokenizer> tokenizer) {
        return tokenizer
                .map(t -> "'%s'".formatted(Printable.line(new String(t.piece(id, true), UTF_8))))
                .orElse("");
    }
}
