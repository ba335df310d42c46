package dev.jinrai.gguf;

import dev.jinrai.gguf.MetadataValue.Array;
import dev.jinrai.gguf.MetadataValue.Bool;
import dev.jinrai.gguf.MetadataValue.Real;
import dev.jinrai.gguf.MetadataValue.Text;
import dev.jinrai.gguf.MetadataValue.Whole;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The key-value section of a model, in file order.
///
/// A typed read takes any type of the file that holds the wanted value: `int32` reads a `uint8` as
/// well as a `uint64` that is small enough. A key that is missing, of another kind or out of range
/// is a [GgufException] that names the key, what was wanted and what is there. The forms with
/// `absent` return it for a missing key only; a value of the wrong type is still an error.
public final class Metadata {
    private final String source;
    private final Map<String, MetadataValue> values;

    /// Metadata from elsewhere than a GGUF file: a test, a converted configuration.
    ///
    /// @param source begins the messages of errors, as a file's name does
    public Metadata(String source, Map<String, MetadataValue> values) {
        this.source = Quote.printable(source);
        this.values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /// Every key, in file order.
    public Set<String> keys() {
        return values.keySet();
    }

    /// Whether the key is there.
    public boolean contains(String key) {
        return values.containsKey(key);
    }

    /// The value of a key, if it is there.
    public Optional<MetadataValue> find(String key) {
        return Optional.ofNullable(values.get(key));
    }

    /// `general.architecture`, which says how to read everything else: `llama`, `qwen2`, …
    public String architecture() {
        return string("general.architecture");
    }

    public String string(String key) {
        MetadataValue value = require(key);
        if (value instanceof Text text) {
            return text.value();
        }
        throw mismatch(key, "a string", value);
    }

    public String string(String key, String absent) {
        return contains(key) ? string(key) : absent;
    }

    public int int32(String key) {
        return toInt32(key, require(key));
    }

    public int int32(String key, int absent) {
        return contains(key) ? int32(key) : absent;
    }

    public long int64(String key) {
        MetadataValue value = require(key);
        if (value instanceof Whole whole && whole.fitsLong()) {
            return whole.value();
        }
        throw mismatch(key, "an integer that fits 64 bits", value);
    }

    public long int64(String key, long absent) {
        return contains(key) ? int64(key) : absent;
    }

    /// A `float64` is rounded to the nearest `float`.
    public float float32(String key) {
        MetadataValue value = require(key);
        if (value instanceof Real real) {
            return (float) real.value();
        }
        throw mismatch(key, "a float", value);
    }

    public float float32(String key, float absent) {
        return contains(key) ? float32(key) : absent;
    }

    public boolean bool(String key) {
        MetadataValue value = require(key);
        if (value instanceof Bool bool) {
            return bool.value();
        }
        throw mismatch(key, "a bool", value);
    }

    public boolean bool(String key, boolean absent) {
        return contains(key) ? bool(key) : absent;
    }

    /// An array of strings: a view that decodes a string each time it is asked for, and throws a
    /// [GgufException] when that string is not UTF-8.
    public List<String> strings(String key) {
        MetadataValue value = require(key);
        if (value instanceof Array array && array.elementType() == ValueType.STRING) {
            return array.strings();
        }
        throw mismatch(key, "an array of strings", value);
    }

    /// An array of integers of any type, each of which fits 32 bits.
    public int[] ints(String key) {
        MetadataValue value = require(key);
        if (!(value instanceof Array array && array.elementType().isInteger())) {
            throw mismatch(key, "an array of integers", value);
        }
        int[] ints = new int[array.elements().size()];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = toInt32(key, array.elements().get(i));
        }
        return ints;
    }

    /// An array of floats; each `float64` is rounded to the nearest `float`.
    public float[] floats(String key) {
        MetadataValue value = require(key);
        if (!(value instanceof Array array && array.elementType().isFloat())) {
            throw mismatch(key, "an array of floats", value);
        }
        float[] floats = new float[array.elements().size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) ((Real) array.elements().get(i)).value();
        }
        return floats;
    }

    /// An array of truth values.
    public boolean[] bools(String key) {
        MetadataValue value = require(key);
        if (!(value instanceof Array array && array.elementType() == ValueType.BOOL)) {
            throw mismatch(key, "an array of bools", value);
        }
        boolean[] bools = new boolean[array.elements().size()];
        for (int i = 0; i < bools.length; i++) {
            bools[i] = ((Bool) array.elements().get(i)).value();
        }
        return bools;
    }

    private int toInt32(String key, MetadataValue value) {
        if (value instanceof Whole whole
                && whole.fitsLong()
                && (int) whole.value() == whole.value()) {
            return (int) whole.value();
        }
        throw mismatch(key, "an integer that fits 32 bits", value);
    }

    private MetadataValue require(String key) {
        MetadataValue value = values.get(key);
        if (value == null) {
            throw new GgufException("%s: key %s is missing".formatted(source, Quote.quote(key)));
        }
        return value;
    }

    private GgufException mismatch(String key, String wanted, MetadataValue got) {
        return new GgufException(
                "%s: key %s: wanted %s, got %s".formatted(source, Quote.quote(key), wanted, got));
    }
}
