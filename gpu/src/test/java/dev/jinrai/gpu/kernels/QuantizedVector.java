package dev.jinrai.gpu.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A vector as `quantized.glsl` draws it, written and read by plain loops.
final class QuantizedVector {
    /// Of each value, from −32639 to 32639.
    private final int[] codes;

    /// Of each block of 16 values: its scale, scale · Σ codes, and the sum of squares of another vector.
    private final float[] scales;

    private final float[] scaledSums;
    private final float[] squares;

    static final int BLOCK = 16;

    /// The largest error, as a part of a block's largest value: half a step of 1/32639, and what f32 loses on the way there.
    static final double ERROR = 0.505 / 32639;

    private QuantizedVector(int n) {
        codes = new int[n];
        scales = new float[n / BLOCK];
        scaledSums = new float[n / BLOCK];
        squares = new float[n / BLOCK];
    }

    int[] codes() {
        return codes.clone();
    }

    float[] scales() {
        return scales.clone();
    }

    float[] scaledSums() {
        return scaledSums.clone();
    }

    float[] squares() {
        return squares.clone();
    }

    /// {@return how many bytes `n` values take}
    static int bytes(int n) {
        return pieces(n) * 176;
    }

    private static int pieces(int n) {
        return (n + 63) / 64;
    }

    /// {@return the nearest to `x`; `squares` are those of `of`}
    static QuantizedVector of(float[] x, float[] of) {
        int blocks = x.length / BLOCK;
        var vector = new QuantizedVector(x.length);
        for (int b = 0; b < blocks; b++) {
            float largest = 0;
            double squares = 0;
            for (int i = b * BLOCK; i < (b + 1) * BLOCK; i++) {
                largest = Math.max(largest, Math.abs(x[i]));
                squares += (double) of[i] * of[i];
            }
            vector.scales[b] = largest / 32639;
            int sum = 0;
            for (int i = b * BLOCK; i < (b + 1) * BLOCK; i++) {
                vector.codes[i] =
                        largest == 0 ? 0 : (int) Math.rint((double) x[i] / largest * 32639);
                sum += vector.codes[i];
            }
            vector.scaledSums[b] = vector.scales[b] * sum;
            vector.squares[b] = (float) squares;
        }
        return vector;
    }

    MemorySegment encoded() {
        int pieces = pieces(codes.length);
        MemorySegment data = MemorySegment.ofArray(new byte[bytes(codes.length)]);
        for (int i = 0; i < codes.length; i++) {
            byte low = (byte) codes[i];
            data.set(ValueLayout.JAVA_BYTE, at(i, pieces), (byte) ((codes[i] - low) / 256));
            data.set(ValueLayout.JAVA_BYTE, at(i, pieces) + 16L * pieces, low);
        }
        for (int b = 0; b < scales.length; b++) {
            data.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 128L * pieces + 8L * b, scales[b]);
            data.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 128L * pieces + 8L * b + 4, scaledSums[b]);
            data.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 160L * pieces + 4L * b, squares[b]);
        }
        return data;
    }

    static QuantizedVector read(MemorySegment data, int n) {
        int pieces = pieces(n);
        int blocks = n / BLOCK;
        var vector = new QuantizedVector(n);
        for (int i = 0; i < n; i++) {
            int high = data.get(ValueLayout.JAVA_BYTE, at(i, pieces));
            vector.codes[i] =
                    256 * high + data.get(ValueLayout.JAVA_BYTE, at(i, pieces) + 16L * pieces);
        }
        for (int b = 0; b < blocks; b++) {
            vector.scales[b] = data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 128L * pieces + 8L * b);
            vector.scaledSums[b] =
                    data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 128L * pieces + 8L * b + 4);
            vector.squares[b] = data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 160L * pieces + 4L * b);
        }
        return vector;
    }

    /// Where the high byte of value `i` lies.
    private static long at(int i, int pieces) {
        int block = i / BLOCK;
        return 16L * (block % 4 * 2 * pieces + block / 4) + i % BLOCK;
    }

    /// {@return the values that it stands for}
    float[] values() {
        float[] values = new float[codes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = scales[i / BLOCK] * codes[i];
        }
        return values;
    }

    /// {@return the largest code of a block times its scale: what [#ERROR] is a part of}
    double largest(int i) {
        int largest = 0;
        for (int k = i / BLOCK * BLOCK; k < (i / BLOCK + 1) * BLOCK; k++) {
            largest = Math.max(largest, Math.abs(codes[k]));
        }
        return largest * (double) scales[i / BLOCK];
    }
}
