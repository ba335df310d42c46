package dev.jinrai.cli;

import dev.jinrai.backend.Heads;
import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.GgufWriter;
import dev.jinrai.model.ModelConfig;
import dev.jinrai.trace.Trace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Keeps every intermediate of a run, and writes them in the shapes llama.cpp gives them.
///
/// ```
/// Qcur-L, Kcur-L, Vcur-L     [headLength, heads, n]
/// ffn_moe_weights-L          [1, used, n]
/// ffn_moe_topk-L             [used, n], I32
/// everything else            [columns, n]
/// ```
final class Intermediates implements Trace {
    private final ModelConfig config;
    private final Map<String, Part> parts = new LinkedHashMap<>();

    /// One intermediate: the chunks of a run one after another, rows of equal length.
    private static final class Part {
        private final String name;
        private final int layer;
        private final GgmlType type;
        private final List<ByteBuffer> chunks = new ArrayList<>();
        private long rows;

        Part(String name, int layer, GgmlType type) {
            this.name = name;
            this.layer = layer;
            this.type = type;
        }

        long values() {
            return chunks.stream().mapToLong(ByteBuffer::capacity).sum() / Integer.BYTES;
        }
    }

    Intermediates(ModelConfig config) {
        this.config = config;
    }

    @Override
    public void tensor(String name, int layer, int rows, float[] values) {
        ByteBuffer bytes = bytes(values.length);
        bytes.asFloatBuffer().put(values);
        add(name, layer, GgmlType.F32, rows, bytes);
    }

    @Override
    public void ids(String name, int layer, int rows, int[] values) {
        ByteBuffer bytes = bytes(values.length);
        bytes.asIntBuffer().put(values);
        add(name, layer, GgmlType.I32, rows, bytes);
    }

    private static ByteBuffer bytes(int values) {
        return ByteBuffer.allocate(Integer.BYTES * values).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void add(String name, int layer, GgmlType type, int rows, ByteBuffer bytes) {
        Part part =
                parts.computeIfAbsent(Trace.label(name, layer), _ -> new Part(name, layer, type));
        part.chunks.add(bytes);
        part.rows += rows;
    }

    /// Adds a tensor for each to a file.
    void addTo(GgufWriter writer) {
        parts.forEach(
                (label, part) -> writer.tensor(label, part.type, shape(part), joined(part.chunks)));
    }

    /// The number of rows is that of the tokens, also where a token has several: `ffn_moe_weights`.
    private List<Long> shape(Part part) {
        long columns = part.values() / part.rows;
        return switch (part.name) {
            case "Qcur" -> perHead(columns, heads(part.layer).keyLength(), part.rows);
            case "Kcur" -> perHead(columns, heads(part.layer).keyLength(), part.rows);
            case "Vcur" -> perHead(columns, heads(part.layer).valueLength(), part.rows);
            case "ffn_moe_weights" -> List.of(1L, columns, part.rows);
            default -> List.of(columns, part.rows);
        };
    }

    private static List<Long> perHead(long columns, long headLength, long rows) {
        return List.of(headLength, columns / headLength, rows);
    }

    private Heads heads(int layer) {
        return config.layers().get(layer).attention().heads();
    }

    private static byte[] joined(List<ByteBuffer> chunks) {
        long size = chunks.stream().mapToLong(ByteBuffer::capacity).sum();
        var all = ByteBuffer.allocate(Math.toIntExact(size));
        chunks.forEach(chunk -> all.put(chunk.duplicate()));
        return all.array();
    }
}
