package dev.jinrai.cli;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.jinrai.format.Formats;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/// One tensor as a file of little-endian f32, in the tensor's order and nothing else.
final class TensorDump {
    private TensorDump() {}

    /// Writes the file, whole or not at all: a temporary file beside it takes its place at the end.
    static void write(Gguf gguf, String name, Path target) {
        TensorInfo tensor =
                gguf.tensor(name)
                        .orElseThrow(() ->
                                new CommandException(
                                        "%s: no tensor '%s'; --tensors lists them"
                                                .formatted(gguf.file(), name)));
        if (!Formats.supports(tensor.type())) {
            throw new CommandException(
                    "%s: tensor type %s cannot be decoded (known: %s)"
                            .formatted(name, tensor.type(), Formats.names()));
        }
        OutputFile.check(target, gguf.file());
        Path part = target.toAbsolutePath().resolveSibling(".%s.part".formatted(UUID.randomUUID()));
        try {
            try (FileChannel channel = FileChannel.open(part, CREATE_NEW, WRITE)) {
                write(gguf, tensor, channel);
                channel.force(true);
            }
            Files.move(part, target.toAbsolutePath(), ATOMIC_MOVE);
        } catch (IOException e) {
            throw OutputFile.cannotBeWritten(target, IoProblem.of(e));
        } finally {
            delete(part);
        }
    }

    private static void write(Gguf gguf, TensorInfo tensor, FileChannel channel)
            throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 18).order(ByteOrder.LITTLE_ENDIAN);
        TensorRange.decode(
                gguf,
                tensor,
                (weights, count) -> {
                    bytes.clear();
                    bytes.asFloatBuffer().put(weights, 0, count);
                    bytes.limit(count * Float.BYTES);
                    while (bytes.hasRemaining()) {
                        channel.write(bytes);
                    }
                });
    }

    private static void delete(Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException ignored) {
            // What went wrong before says more.
        }
    }
}
