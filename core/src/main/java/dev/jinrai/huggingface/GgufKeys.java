package dev.jinrai.huggingface;

import dev.jinrai.gguf.MetadataValue;
import dev.jinrai.gguf.MetadataValue.Array;
import dev.jinrai.gguf.MetadataValue.Bool;
import dev.jinrai.gguf.MetadataValue.Real;
import dev.jinrai.gguf.MetadataValue.Text;
import dev.jinrai.gguf.MetadataValue.Whole;
import dev.jinrai.gguf.ValueType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The keys of a GGUF file in the making, in the order in which they are put. Mutable.
///
/// Names that [#in] is given for an architecture stand below its name: `block_count` becomes `llama.block_count`.
final class GgufKeys {
    private final Map<String, MetadataValue> values;
    private final String prefix;

    GgufKeys() {
        this(new LinkedHashMap<>(), "");
    }

    private GgufKeys(Map<String, MetadataValue> values, String prefix) {
        this.values = values;
        this.prefix = prefix;
    }

    /// {@return the same keys, to be named below `architecture`}
    GgufKeys in(String architecture) {
        return new GgufKeys(values, architecture + ".");
    }

    GgufKeys count(String key, long value) {
        return put(key, new Whole(ValueType.UINT32, value));
    }

    GgufKeys whole(String key, int value) {
        return put(key, new Whole(ValueType.INT32, value));
    }

    /// Rounded to the nearest `float`, as every number in such files is.
    GgufKeys real(String key, double value) {
        return put(key, new Real(ValueType.FLOAT32, (float) value));
    }

    GgufKeys text(String key, String value) {
        return put(key, new Text(value));
    }

    GgufKeys flag(String key, boolean value) {
        return put(key, new Bool(value));
    }

    GgufKeys texts(String key, List<String> values) {
        return put(
                key,
                new Array(
                        ValueType.STRING, values.stream().<MetadataValue>map(Text::new).toList()));
    }

    GgufKeys put(String key, MetadataValue value) {
        values.put(prefix + key, value);
        return this;
    }

    boolean has(String key) {
        return values.containsKey(prefix + key);
    }

    Map<String, MetadataValue> values() {
        return values;
    }
}
