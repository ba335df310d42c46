package dev.jinrai.format;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// # Q6_K: 256 weights in 210 bytes, 6.5625 bits a weight
///
/// ```
/// byte 0              128           192              208   210
///      │ ql: 128 bytes │ qh: 64 bytes │ 16 signed scales │ d │
/// ```
/// Two halves of 128 weights; each has 64 bytes of `ql`, 32 of `qh` and 8 scales, and falls into
/// four runs `g` of 32 weights. Weight `j` of run `g` takes its lower four bits from the low
/// (`g < 2`) or high half of `ql[32·(g % 2) + j]`, its upper two from bits `2g` and `2g + 1` of
/// `qh[j]`; its scale is number `2g + j / 16`. `w = d · scale · (q − 32)`, with `d` an f16.
///
/// Source: `block_q6_K`, `quantize_row_q6_K_ref` and `quantize_row_q6_K_impl` in ggml.
public record Q6_K() implements EncodableFormat {
    /// Byte offset of the upper two bits in a block; the lower four are at 0.
    public static final int QH = 128;

    /// Byte offset of the sixteen signed scales.
    public static final int SCALES = 192;

    /// Byte offset of `d`.
    public static final int D = 208;

    /// The code that stands for zero.
    public static final int ZERO = 32;

    private static final ScaleSearch SEARCH = new ScaleSearch(16, ZERO);

    @Override
    public GgmlType type() {
        return GgmlType.Q6_K;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset + D);
        for (int half = 0; half < 2; half++) {
            for (int g = 0; g < 4; g++) {
                long ql = offset + half * 64L + g % 2 * 32L;
                long qh = offset + QH + half * 32L;
                long scales = offset + SCALES + half * 8L + g * 2L;
                for (int j = 0; j < 32; j++) {
                    int low = Bits.u8(src, ql + j) >>> (g / 2 * 4) & 0xF;
                    int high = Bits.u8(src, qh + j) >>> (g * 2) & 3;
                    float scale = d * Bits.i8(src, scales + j / 16);
                    dst[at + half * 128 + g * 32 + j] = scale * ((low | high << 4) - ZERO);
                }
            }
        }
    }

    /// Finds a scale for each sixteen weights by [ScaleSearch], expresses these scales in eight bits
    /// (the largest as −128), and rounds the weights once more to what those bits stand for.
    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset, int count) {
        float[] w = new float[count];
        Importance.squares(src, at, count, w);
        encodeWeighted(src, at, w, dst, offset, count);
    }

    /// The same, where a weight counts as much as its column, whatever its size.
    @Override
    public void encode(
            float[] src,
            int at,
            float[] importance,
            int from,
            MemorySegment dst,
            long offset,
            int count) {
        float[] w = Arrays.copyOfRange(importance, from, from + count);
        encodeWeighted(src, at, w, dst, offset, count);
    }

    private static void encodeWeighted(
            float[] src, int at, float[] w, MemorySegment dst, long offset, int count) {
        Runs runs = new Runs(count);
        SEARCH.fit(src, at, w, runs.count, runs.codes, runs.scales);
        for (int b = 0; b < count / 256; b++, offset += 210) {
            float extreme = Runs.extreme(runs.scales, b * 16, 16);
            if (Math.abs(extreme) < ScaleSearch.NOTHING) {
                dst.asSlice(offset, 210).fill((byte) 0);
                continue;
            }
            float inverse = -128f / extreme;
            Bits.putF16(dst, offset + D, 1 / inverse);
            float d = Bits.f16(dst, offset + D);
            for (int s = 0; s < 16; s++) {
                int q = Math.min(Rounding.nearest(inverse * runs.scales[b * 16 + s]), 127);
                Bits.put8(dst, offset + SCALES + s, q);
                int run = b * 256 + s * 16;
                Runs.roundAround(src, at + run, 16, d * (byte) q, ZERO, runs.codes, run);
            }
            pack(runs.codes, b * 256, dst, offset);
        }
    }

    private static void pack(byte[] codes, int at, MemorySegment dst, long offset) {
        for (int half = 0; half < 2; half++) {
            for (int j = 0; j < 32; j++) {
                int first = at + half * 128 + j; // of four codes, one in each run of 32
                int a = codes[first];
                int b = codes[first + 32];
                int c = codes[first + 64];
                int d = codes[first + 96];
                long ql = offset + half * 64L + j;
                Bits.put8(dst, ql, (a & 0xF) | (c & 0xF) << 4);
                Bits.put8(dst, ql + 32, (b & 0xF) | (d & 0xF) << 4);
                int upper = a >>> 4 | b >>> 4 << 2 | c >>> 4 << 4 | d >>> 4 << 6;
                Bits.put8(dst, offset + QH + half * 32L + j, upper);
            }
        }
    }
}
