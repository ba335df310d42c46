package dev.jinrai.backend;

import dev.jinrai.format.EncodableFormat;
import dev.jinrai.format.F16;
import dev.jinrai.format.F32;
import dev.jinrai.format.Q8_0;
import java.util.Arrays;
import java.util.Optional;

/// How a [KvCache] stores keys and values: each head's values of a position in a format of weights.
///
/// What a cache gives back is what went in, encoded and decoded once. Everything else of attention is f32.
public enum KvType {
    /// Two bytes a value; what attention loses by it is far below what quantized weights lose.
    F16("f16"),
    /// Four bytes a value; nothing is lost.
    F32("f32"),
    /// 34 bytes for 32 values. Head lengths have to be multiples of 32.
    Q8_0("q8_0");

    private final String label;

    KvType(String label) {
        this.label = label;
    }

    /// {@return the type a user calls `label`, if there is one}
    public static Optional<KvType> named(String label) {
        return Arrays.stream(values()).filter(type -> type.label.equals(label)).findFirst();
    }

    /// {@return the name a user selects it by, such as `f16`}
    public String label() {
        return label;
    }

    public EncodableFormat format() {
        return switch (this) {
            case F16 -> new F16();
            case F32 -> new F32();
            case Q8_0 -> new Q8_0();
        };
    }

    /// {@return whether heads of this length can be stored}
    public boolean holds(int headLength) {
        return headLength % format().blockLength() == 0;
    }
}
