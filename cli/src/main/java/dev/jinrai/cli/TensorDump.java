package dev.jinrai.cli;

import dev.jinrai.format.Formats;
import dev.jinrai.gguf.AtomicFile;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/// One tensor as a file of little-endian f32, in the tensor's order and nothing else.
final class TensorDump {
    private TensorDump() {}

    /// Writes the file, whole or not at all.
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
        OutputFile.checkParts(target, gguf);
        try (var file = AtomicFile.create(target)) {
            write(gguf, tensor, file.channel());
            file.commit();
        } catch (IOException e) {
            throw OutputFile.cannotBeWritten(target, IoProblem.of(e));
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
}
