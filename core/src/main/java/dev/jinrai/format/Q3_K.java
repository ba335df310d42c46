package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # Q3_K: 256 weights in 110 bytes, 3.4375 bits a weight
///
/// ```
/// byte 0                 32             96                   108 110
///      │ hmask: 32 bytes │ qs: 64 bytes │ 16 scales, 6 bits │ d │
/// ```
/// Sixteen sub-blocks of 16 weights, each with a scale `sc` of six bits: the lower four of scale `s`
/// are in the low (`s < 8`) or high half of byte `s % 8`, the upper two in bits `2·(s / 4)` and on of
/// byte `8 + s % 4`. Codes have three bits: the lower two lie as in [Q2_K], the third of weight `i` is
/// bit `i / 32` of `hmask[i % 32]`. `w = d · (sc − 32) · (q − 4)`, with `d` an f16.
///
/// Source: `block_q3_K`, `quantize_row_q3_K_ref` and `quantize_row_q3_K_impl` in ggml.
public record Q3_K() implements EncodableFormat {
    /// Byte offset of the lower two bits in a block; the third bits are at 0.
    public static final int QS = 32;

    /// Byte offset of the packed scales.
    public static final int SCALES = 96;

    /// Byte offset of `d`.
    public static final int D = 108;

    /// The code that stands for zero.
    public static final int ZERO = 4;

    private static final int ZERO_SCALE = 32;

    private static final ScaleSearch IMPORTANT = new ScaleSearch(16, ZERO);
    private static final ScaleSearch SCALES_SEARCH = new ScaleSearch(16, ZERO_SCALE);

    @Override
    public GgmlType type() {
        return GgmlType.Q3_K;
    }

    /// {@return scale `s`, 0 to 15, of the block at `offset`: −32 to 31}
    public static int scale(MemorySegment src, long offset, int s) {
        int low = Bits.u8(src, offset + SCALES + s % 8) >>> (s / 8 * 4) & 0xF;
        int high = Bits.u8(src, offset + SCALES + 8 + s % 4) >>> (s / 4 * 2) & 3;
        return (low | high << 4) - ZERO_SCALE;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset + D);
        for (int sub = 0; sub < 16; sub++) {
            float scale = d * scale(src, offset, sub);
            long thirds = offset + sub % 2 * 16L;
            long run = offset + QS + sub / 8 * 32L + sub % 2 * 16L;
            int shift = sub / 2 % 4 * 2;
            for (int j = 0; j < 16; j++) {
                int low = Bits.u8(src, run + j) >>> shift & 3;
                int third = Bits.u8(src, thirds + j) >>> (sub / 2) & 1;
                dst[at + sub * 16 + j] = scale * ((low | third << 2) - ZERO);
            }
        }
    }

    /// Finds a scale for each sixteen weights by [CodeSearch], expresses these scales in six bits (the
    /// largest as −32), and rounds the weights once more to what those bits stand for.
    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset, int count) {
        Runs runs = new Runs(count);
        CodeSearch.fit(src, at, runs.count, runs.codes, runs.scales);
        byte[] scales = new byte[16];
        for (int b = 0; b < count / 256; b++, offset += 110) {
            float extreme = Runs.extreme(runs.scales, b * 16, 16);
            float inverse = -ZERO_SCALE / extreme;
            for (int s = 0; s < 16; s++) {
                byte q = (byte) Rounding.nearest(inverse * runs.scales[b * 16 + s]);
                int code = Math.clamp(q, -ZERO_SCALE, ZERO_SCALE - 1) + ZERO_SCALE;
                scales[s] = (byte) (extreme == 0 ? 0 : code);
            }
            float d = extreme == 0 ? 0 : 1 / inverse;
            pack(d, scales, 0, src, at + b * 256, runs.codes, b * 256, dst, offset);
        }
    }

    /// Scales, and then their six bits, by [ScaleSearch].
    @Override
    public void encode(
            float[] src,
            int at,
            float[] importance,
            int from,
            MemorySegment dst,
            long offset,
            int count) {
        float[] w = new float[count];
        Importance.weighBlocks(importance, from, 2, src, at, count, w);
        float[] runWeights = Importance.sums(w, 16);
        Runs runs = new Runs(count);
        IMPORTANT.fit(src, at, w, runs.count, runs.codes, runs.scales);
        byte[] scales = new byte[runs.count];
        float[] ds = new float[count / 256];
        SCALES_SEARCH.fit(runs.scales, 0, runWeights, ds.length, scales, ds);
        for (int b = 0; b < ds.length; b++, offset += 110) {
            pack(ds[b], scales, b * 16, src, at + b * 256, runs.codes, b * 256, dst, offset);
        }
    }

    /// Writes a block of sixteen scales and the codes that are nearest with these.
    private static void pack(
            float unit,
            byte[] scales,
            int first,
            float[] src,
            int at,
            byte[] codes,
            int from,
            MemorySegment dst,
            long offset) {
        Bits.putF16(dst, offset + D, unit);
        for (int j = 0; j < 8; j++) {
            int pair = (scales[first + j] & 0xF) | (scales[first + j + 8] & 0xF) << 4;
            Bits.put8(dst, offset + SCALES + j, pair);
        }
        for (int j = 0; j < 4; j++) {
            int upper = 0;
            for (int g = 0; g < 4; g++) {
                upper |= scales[first + g * 4 + j] >>> 4 << (2 * g);
            }
            Bits.put8(dst, offset + SCALES + 8 + j, upper);
        }
        float d = Bits.f16(dst, offset + D);
        for (int s = 0; s < 16; s++) {
            float scale = d * (scales[first + s] - ZERO_SCALE);
            Runs.roundAround(src, at + s * 16, 16, scale, ZERO, codes, from + s * 16);
        }
        for (int j = 0; j < 32; j++) {
            int thirds = 0;
            for (int g = 0; g < 8; g++) {
                thirds |= codes[from + g * 32 + j] >>> 2 << g;
            }
            Bits.put8(dst, offset + j, thirds);
        }
        TwoBits.pack(codes, from, dst, offset + QS);
    }
}
