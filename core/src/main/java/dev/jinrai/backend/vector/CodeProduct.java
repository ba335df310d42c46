package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.IntegerTile.HALF;
import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.INTS;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Lanes.shorts;
import static dev.jinrai.backend.vector.Lanes.signedByte;
import static dev.jinrai.backend.vector.Lanes.splat;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ROL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// The inner loops of products of a panel's codes with one token, for [Panel#GROUP] rows: they read the model's bytes, and
/// leave a sum for each sub-block ([SubBlockSums]). Lanes are rows.
///
/// Lines of scales are copied on the way ([PanelScratch#header]): they are few, and a loop that reads them alone waits for each.
/// Codes of up to six bits are multiplied with a rounded token in sixteen-bit lanes ([QuantizedTokens]), modulo 2¹⁶.
final class CodeProduct {
    private static final int LOW_FOUR = 0x0F0F0F0F;
    private static final short LOW_CODE = 0xF;
    private static final short LOW_BYTE = 0xFF;

    private CodeProduct() {}

    /// Codes of four bits, in runs of lines with two codes a byte: the lower ones are a run's first values, the upper ones the
    /// next. Each half has a sum, of which those of the even bytes of a line come first.
    ///
    /// @param r the first of the rows
    /// @param runs how many runs are at hand
    /// @param lines lines of a run
    /// @param subs sub-blocks of a run, 1 or 2
    /// @param heads lines of scales for each run
    static void nibbles(
            MemorySegment src,
            int r,
            int runs,
            int lines,
            int subs,
            int heads,
            PanelScratch scratch) {
        long stride = scratch.stride;
        short[] x = scratch.quantized().codes;
        short[] starts = scratch.quantized().starts;
        short[] sums = scratch.shortSums;
        byte[] header = scratch.header;
        int first = scratch.subBlock();
        int k = scratch.input;
        int to = r;
        int headerTo = r;
        long head = scratch.at(0) + r;
        long line = scratch.at(1) + r;
        for (int run = 0; run < runs; run++) {
            for (long end = head + heads * stride; head < end; head += stride) {
                Lanes.store(ints(src, head), header, headerTo);
                headerTo += ROWS;
            }
            ShortVector a0 = IntegerTile.splat(starts[first + run * subs]);
            ShortVector b0 = a0;
            ShortVector a1 =
                    IntegerTile.splat(subs == 2 ? starts[first + run * subs + 1] : (short) 0);
            ShortVector b1 = a1;
            for (long end = line + lines * stride; line < end; line += stride) {
                ShortVector v = shorts(src, line);
                ShortVector y = IntegerTile.splat(x[k]);
                a0 = a0.add(v.and(LOW_CODE).mul(y));
                b0 = b0.add(v.lanewise(LSHR, 8).and(LOW_CODE).mul(y));
                y = IntegerTile.splat(x[k + lines]);
                a1 = a1.add(v.lanewise(LSHR, 4).and(LOW_CODE).mul(y));
                b1 = b1.add(v.lanewise(LSHR, 12).mul(y));
                k++;
            }
            a0.intoArray(sums, to);
            b0.intoArray(sums, to + HALF);
            a1.intoArray(sums, to + ROWS);
            b1.intoArray(sums, to + ROWS + HALF);
            k += lines;
            to += 2 * ROWS;
        }
    }

    /// How a format joins codes of which four bits lie in one place and the upper ones in another.
    ///
    /// @param runs runs of a call, each a sub-block of lower and one of upper codes
    /// @param lines lines of a run, of two codes a byte
    /// @param mask the place of the upper bits in a code, in each byte of a lane
    /// @param apart sub-blocks from a run's lower codes to its upper ones
    record Joined(int runs, int lines, int mask, int apart) {}

    /// Codes of which four bits lie in one place and the upper ones in another.
    ///
    /// @param low the first line of lower bits
    /// @param high the first line of upper bits
    /// @param turn how far left a line of upper bits is rotated, so that those of the lower codes get to their place
    /// @param turnUpper the same for the upper codes
    /// @param sub the sub-block of the first run's lower codes, counted from the first at hand
    /// @param r the first of the rows
    static void joined(
            MemorySegment src,
            long low,
            long high,
            Joined joined,
            int turn,
            int turnUpper,
            int sub,
            int r,
            PanelScratch scratch) {
        long stride = scratch.stride;
        short[] x = scratch.quantized().codes;
        short[] starts = scratch.quantized().starts;
        short[] sums = scratch.shortSums;
        IntVector left = IntVector.broadcast(INTS, turn);
        IntVector leftUpper = IntVector.broadcast(INTS, turnUpper);
        IntVector upper = IntVector.broadcast(INTS, joined.mask);
        int lines = joined.lines;
        int apart = joined.apart * lines;
        int start = scratch.subBlock() + sub;
        int k = scratch.input + sub * lines;
        for (int run = 0; run < joined.runs; run++) {
            ShortVector a0 = IntegerTile.splat(starts[start + run]);
            ShortVector b0 = a0;
            ShortVector a1 = IntegerTile.splat(starts[start + run + joined.apart]);
            ShortVector b1 = a1;
            long first = (long) run * lines * stride;
            for (long line = first; line < first + lines * stride; line += stride) {
                IntVector v = ints(src, low + line);
                IntVector h = ints(src, high + line);
                ShortVector code =
                        v.and(LOW_FOUR).or(h.lanewise(ROL, left).and(upper)).reinterpretAsShorts();
                ShortVector y = IntegerTile.splat(x[k]);
                a0 = a0.add(code.and(LOW_BYTE).mul(y));
                b0 = b0.add(code.lanewise(LSHR, 8).mul(y));
                code =
                        v.lanewise(LSHR, 4)
                                .and(LOW_FOUR)
                                .or(h.lanewise(ROL, leftUpper).and(upper))
                                .reinterpretAsShorts();
                y = IntegerTile.splat(x[k + apart]);
                a1 = a1.add(code.and(LOW_BYTE).mul(y));
                b1 = b1.add(code.lanewise(LSHR, 8).mul(y));
                k++;
            }
            int to = (sub + run) * ROWS + r;
            a0.intoArray(sums, to);
            b0.intoArray(sums, to + HALF);
            to += joined.apart * ROWS;
            a1.intoArray(sums, to);
            b1.intoArray(sums, to + HALF);
        }
    }

    /// Signed bytes, in runs of 32 lines with two lines of scales each, with a token as it is.
    ///
    /// @param r the first of the rows
    /// @param runs how many runs are at hand
    static void bytes(MemorySegment src, int r, int runs, PanelScratch scratch) {
        long stride = scratch.stride;
        float[] x = scratch.inputs;
        byte[] header = scratch.header;
        float[] sums = scratch.sums;
        int k = scratch.input;
        long head = scratch.at(0) + r;
        long line = scratch.at(1) + r;
        for (int run = 0; run < runs; run++) {
            int to = run * ROWS + r;
            Lanes.store(ints(src, head), header, run * ROWS + to);
            Lanes.store(ints(src, head + stride), header, run * ROWS + to + ROWS);
            head += 2 * stride;
            FloatVector a = FloatVector.zero(FLOATS);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            for (long end = line + 32 * stride; line < end; line += stride) {
                IntVector v = ints(src, line);
                FloatVector y = splat(x[k++]);
                a = floats(signedByte(v, 0)).fma(y, a);
                b = floats(signedByte(v, 1)).fma(y, b);
                c = floats(signedByte(v, 2)).fma(y, c);
                d = floats(signedByte(v, 3)).fma(y, d);
            }
            a.intoArray(sums, to);
            b.intoArray(sums, to + COUNT);
            c.intoArray(sums, to + 2 * COUNT);
            d.intoArray(sums, to + 3 * COUNT);
        }
    }

    /// Copies `n` lines of [Panel#GROUP] rows.
    static void copy(MemorySegment src, long at, int n, long stride, byte[] dst, int to) {
        int i = to;
        for (long line = at; line < at + n * stride; line += stride) {
            Lanes.store(ints(src, line), dst, i);
            i += ROWS;
        }
    }
}
