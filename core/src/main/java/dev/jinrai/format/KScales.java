package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// The twelve bytes in which [Q4_K] and [Q5_K] keep eight 6-bit scales and eight 6-bit minima.
///
/// ```
/// byte   0 … 3                     4 … 7                     8 … 11
/// bits   76         543210         76         543210         7654         3210
///        scale 4…7  scale 0…3      min 4…7    min 0…3        min 4…7      scale 4…7
///        (upper 2)                 (upper 2)                 (lower 4)    (lower 4)
/// ```
/// Source: `get_scale_min_k4` in ggml.
public final class KScales {
    private KScales() {}

    /// {@return scale `j`, 0 to 63, of the twelve bytes at `offset`}
    public static int scale(MemorySegment src, long offset, int j) {
        return j < 4
                ? Bits.u8(src, offset + j) & 63
                : (Bits.u8(src, offset + j + 4) & 0xF) | (Bits.u8(src, offset + j - 4) >>> 6 << 4);
    }

    /// {@return minimum `j`, 0 to 63, of the twelve bytes at `offset`}
    public static int min(MemorySegment src, long offset, int j) {
        return j < 4
                ? Bits.u8(src, offset + j + 4) & 63
                : (Bits.u8(src, offset + j + 4) >>> 4) | (Bits.u8(src, offset + j) >>> 6 << 4);
    }

    /// Packs eight scales and eight minima, each from 0 to 63, into the twelve bytes at `offset`.
    static void pack(int[] scales, int[] mins, MemorySegment dst, long offset) {
        for (int j = 0; j < 4; j++) {
            Bits.put8(dst, offset + j, scales[j] | scales[j + 4] >>> 4 << 6);
            Bits.put8(dst, offset + j + 4, mins[j] | mins[j + 4] >>> 4 << 6);
            Bits.put8(dst, offset + j + 8, (scales[j + 4] & 0xF) | (mins[j + 4] & 0xF) << 4);
        }
    }
}
