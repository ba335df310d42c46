package dev.jinrai.backend.vector;

import jdk.incubator.vector.VectorShape;

/// The register width, and horizontal sums in a fixed order, without the Vector API's own classes of vectors: initializing
/// those takes longer than the first token of a small model, which [PlainKernels] compute without them.
///
/// `reduceLanes(ADD)` leaves the order of float additions open, and on HotSpot it differs between
/// interpreted and compiled code: the same call can return other bits once it is hot. Tokens must not
/// depend on warm-up, so kernels store their lanes and sum them here.
final class Registers {
    /// The width of the machine's registers, in bits; the kernels need 128.
    static final int MACHINE_BITS = VectorShape.preferredShape().vectorBitSize();

    /// The width that the kernels use: wider registers are used in part.
    static final int BITS = Math.min(512, MACHINE_BITS);

    /// Floats in a register, `L`: 4, 8 or 16.
    static final int COUNT = BITS / Float.SIZE;

    private Registers() {}

    /// {@return the sum of the `L` values from `lanes[0]`, which are overwritten: the upper half is added
    /// to the lower until one is left}
    static float sum(float[] lanes) {
        for (int half = COUNT / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                lanes[i] += lanes[half + i];
            }
        }
        return lanes[0];
    }

    /// {@return the largest of the `L` values from `lanes[0]`, which are overwritten; NaN if one is NaN}
    static float largest(float[] lanes) {
        for (int half = COUNT / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                lanes[i] = Math.max(lanes[i], lanes[half + i]);
            }
        }
        return lanes[0];
    }
}
