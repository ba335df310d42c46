package dev.jinrai.huggingface;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// F8_E4M3: a weight in a byte, without infinities.
///
/// ```text
/// bit 7 sign · 6-3 exponent e · 2-0 fraction f
/// w = 2^(e − 7) · (1 + f/8),  2^−6 · f/8 where e is 0,  not a number where all seven are 1
/// ```
/// The largest is 448. Each is a BF16 and an F16 too; what it is multiplied with to make a weight seldom is.
///
/// Source: Micikevicius et al. 2022 (arXiv:2209.05433), table 1; `float8_e4m3fn` of PyTorch.
final class F8E4M3 {
    private static final float[] VALUES = new float[256];

    static {
        for (int code = 0; code < VALUES.length; code++) {
            VALUES[code] = value(code);
        }
    }

    private F8E4M3() {}

    private static float value(int code) {
        int exponent = code >> 3 & 0xF;
        int fraction = code & 7;
        if ((code & 0x7F) == 0x7F) {
            return Float.NaN;
        }
        float magnitude =
                exponent == 0 ? Math.scalb(fraction, -9) : Math.scalb(8 + fraction, exponent - 10);
        return code < 0x80 ? magnitude : -magnitude;
    }

    /// Decodes `count` weights from byte `offset` of `src` to `dst[0] …`.
    static void decode(MemorySegment src, long offset, float[] dst, int count) {
        for (int i = 0; i < count; i++) {
            dst[i] = VALUES[src.get(ValueLayout.JAVA_BYTE, offset + i) & 0xFF];
        }
    }
}
