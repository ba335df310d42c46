package dev.jinrai.model;

import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.GgufWriter;
import dev.jinrai.gguf.MetadataValue;
import dev.jinrai.testing.Goldens;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A golden model with some of its keys and tensors replaced.
final class Rewritten {
    private final Path original;
    private final Map<String, MetadataValue> values = new HashMap<>();
    private final Map<String, List<Long>> tensors = new HashMap<>();

    /// @param name for instance `llama`
    Rewritten(String name) {
        original = Goldens.file("models/" + name + ".gguf");
    }

    Rewritten put(String key, MetadataValue value) {
        values.put(key, value);
        return this;
    }

    /// An f32 tensor of zeros.
    Rewritten zeros(String name, Long... shape) {
        tensors.put(name, List.of(shape));
        return this;
    }

    /// {@return `file`, written}
    Path write(Path file) {
        try (Gguf gguf = Gguf.open(original)) {
            var writer = new GgufWriter().putAll(gguf.metadata());
            values.forEach(writer::put);
            for (var info : gguf.tensors()) {
                if (!tensors.containsKey(info.name())) {
                    writer.tensor(info.name(), info.type(), info.shape(), gguf.data(info));
                }
            }
            tensors.forEach((name, shape) -> {
                long length =
                        shape.contains(0L) ? 0 : shape.stream().reduce(4L, Math::multiplyExact);
                writer.tensor(name, GgmlType.F32, shape, new byte[Math.toIntExact(length)]);
            });
            writer.write(file);
            return file;
        }
    }
}
