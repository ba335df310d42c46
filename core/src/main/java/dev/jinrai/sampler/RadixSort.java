package dev.jinrai.sampler;

import java.util.Arrays;

/// Orders whole vocabularies: by falling logit, equal ones by rising id. A radix sort, least significant digit first (Knuth, The
/// Art of Computer Programming 3, 5.2.5), in a time that only the number of candidates decides.
///
/// A candidate is one number: 32 bits that rise where logits fall, and its id below them.
final class RadixSort {
    private static final int DIGIT = 11;
    private static final int VALUES = 1 << DIGIT;
    private static final int KEY = Integer.SIZE; // bits below the key: the id's

    private final int[] starts = new int[VALUES];
    private long[] from = {};
    private long[] to = {};

    /// Orders the first `size` entries.
    ///
    /// @param logits none of them NaN
    void sort(int[] ids, float[] logits, int size) {
        if (from.length < size) {
            from = new long[size];
            to = new long[size];
        }
        boolean rising = true;
        for (int i = 0; i < size; i++) {
            from[i] = (long) falling(logits[i]) << KEY | ids[i];
            rising &= i == 0 || ids[i - 1] < ids[i];
        }
        // Each pass keeps the order of equal digits, so ids in order need none.
        for (int shift = rising ? KEY : 0; shift < Long.SIZE; shift += DIGIT) {
            pass(shift, size);
        }
        for (int i = 0; i < size; i++) {
            ids[i] = (int) from[i];
            logits[i] = logit((int) (from[i] >>> KEY));
        }
    }

    private void pass(int shift, int size) {
        Arrays.fill(starts, 0);
        for (int i = 0; i < size; i++) {
            starts[digit(from[i], shift)]++;
        }
        int start = 0;
        for (int value = 0; value < VALUES; value++) {
            int count = starts[value];
            starts[value] = start;
            start += count;
        }
        for (int i = 0; i < size; i++) {
            to[starts[digit(from[i], shift)]++] = from[i];
        }
        long[] sorted = to;
        to = from;
        from = sorted;
    }

    private static int digit(long number, int shift) {
        return (int) (number >>> shift) & VALUES - 1;
    }

    /// {@return bits that, unsigned, rise where logits fall; those of `0` for `−0`, which equals it}
    private static int falling(float logit) {
        int bits = Float.floatToRawIntBits(logit + 0f);
        return bits < 0 ? bits : ~bits & Integer.MAX_VALUE;
    }

    private static float logit(int falling) {
        return Float.intBitsToFloat(falling < 0 ? falling : ~falling & Integer.MAX_VALUE);
    }
}
