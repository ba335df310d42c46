package dev.jinrai.arch;

import dev.jinrai.backend.Tensor;
import dev.jinrai.format.Formats;
import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.Metadata;
import dev.jinrai.gguf.MetadataValue;
import dev.jinrai.gguf.MetadataValue.Real;
import dev.jinrai.gguf.MetadataValue.Text;
import dev.jinrai.gguf.MetadataValue.Whole;
import dev.jinrai.gguf.ValueType;
import dev.jinrai.model.Checkpoint;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A llama checkpoint that is stated in a test instead of read from a file. Mutable.
final class Stated implements Checkpoint {
    private static final ValueLayout.OfFloat F32 =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Map<String, MetadataValue> values = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    Stated() {
        values.put("general.architecture", new Text("llama"));
        f32("token_embd.weight", 5, new float[5 * 32]);
    }

    /// Two heads of 16 over 32 values, in one block.
    static Stated small() {
        return new Stated()
                .with("context_length", 64)
                .with("embedding_length", 32)
                .with("block_count", 1)
                .with("feed_forward_length", 48)
                .with("attention.head_count", 2)
                .with("attention.layer_norm_rms_epsilon", 1e-5f);
    }

    Stated with(String key, int value) {
        return with(key, new Whole(ValueType.INT32, value));
    }

    Stated with(String key, float value) {
        return with(key, new Real(ValueType.FLOAT32, value));
    }

    Stated with(String key, String value) {
        return with(key, new Text(value));
    }

    private Stated with(String key, MetadataValue value) {
        values.put("llama." + key, value);
        return this;
    }

    Stated factors(float... factors) {
        return f32("rope_freqs.weight", 1, factors);
    }

    private Stated f32(String name, int rows, float[] weights) {
        var data = MemorySegment.ofArray(new byte[4 * weights.length]);
        for (int i = 0; i < weights.length; i++) {
            data.set(F32, 4L * i, weights[i]);
        }
        tensors.put(
                name,
                new Tensor(name, Formats.of(GgmlType.F32), 1, rows, weights.length / rows, data));
        return this;
    }

    @Override
    public String source() {
        return "stated";
    }

    @Override
    public Metadata metadata() {
        return new Metadata(source(), values);
    }

    @Override
    public List<String> tensorNames() {
        return List.copyOf(tensors.keySet());
    }

    @Override
    public Optional<Tensor> tensor(String name) {
        return Optional.ofNullable(tensors.get(name));
    }
}
