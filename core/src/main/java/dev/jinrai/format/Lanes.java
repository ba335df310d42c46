package dev.jinrai.format;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// Runs side by side in the lanes of registers, where the searches of the encoders go through all of them
/// in step: weight `i` of run `r` at `i · L + r`, with `L` lanes.
///
/// No operation crosses lanes, so each run's sums are added in the order of its weights, and a search finds
/// the same bits as one run after another, whatever the width.
final class Lanes {
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    /// Runs in a register.
    static final int COUNT = SPECIES.length();

    /// 1.5 · 2²³: a float of this size has no bits for fractions, so adding it rounds.
    private static final float FRACTIONLESS = 0x1.8p23f;

    /// The largest float that adding [#FRACTIONLESS] rounds to the nearest integer, with a reserve.
    static final float ROUNDABLE = 4e6f;

    private Lanes() {}

    /// Lays `COUNT` runs of `length` side by side.
    static void lay(float[] src, int at, int length, float[] dst) {
        for (int r = 0; r < COUNT; r++) {
            for (int i = 0; i < length; i++) {
                dst[i * COUNT + r] = src[at + r * length + i];
            }
        }
    }

    /// Lays codes one run after another, and `zero` on top of each.
    static void gather(float[] src, int length, int zero, byte[] dst, int at) {
        for (int r = 0; r < COUNT; r++) {
            for (int i = 0; i < length; i++) {
                dst[at + r * length + i] = (byte) ((int) src[i * COUNT + r] + zero);
            }
        }
    }

    static FloatVector zero() {
        return FloatVector.zero(SPECIES);
    }

    static FloatVector load(float[] src, int i) {
        return FloatVector.fromArray(SPECIES, src, i * COUNT);
    }

    static FloatVector all(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }

    /// [Rounding#nearest], and then what is beyond the codes is put on the last one.
    static FloatVector round(FloatVector steps, FloatVector least, FloatVector most) {
        FloatVector fractionless = all(FRACTIONLESS);
        return steps.add(fractionless).sub(fractionless).min(most).max(least);
    }

    /// {@return the weights farthest from zero, with their signs; the first of equals}
    static FloatVector extremes(float[] x, int length) {
        FloatVector extreme = zero();
        for (int i = 0; i < length; i++) {
            FloatVector v = load(x, i);
            extreme = extreme.blend(v, extreme.abs().lt(v.abs()));
        }
        return extreme;
    }

    /// {@return scratch for runs side by side}
    static float[] scratch(int length) {
        return new float[length * COUNT];
    }

    /// {@return the lanes that are set}
    static int[] set(VectorMask<Float> lanes) {
        long bits = lanes.toLong();
        int[] set = new int[Long.bitCount(bits)];
        for (int i = 0; i < set.length; i++, bits &= bits - 1) {
            set[i] = Long.numberOfTrailingZeros(bits);
        }
        return set;
    }
}
