package dev.jinrai.backend.vector;

import dev.jinrai.backend.Rope;

/// Turns the heads of one token, as [Rope] says. Each pair's sine and cosine is taken once for all
/// heads.
final class RopeKernel {
    private RopeKernel() {}

    /// Turns the heads in `x[at] … x[at + length - 1]` to `position`.
    static void turn(float[] x, int at, int length, int headLength, Rope rope, int position) {
        int pairs = rope.pairs();
        int step = rope.pairing() == Rope.Pairing.INTERLEAVED ? 2 : 1;
        int apart = rope.pairing() == Rope.Pairing.INTERLEAVED ? 1 : pairs;
        for (int i = 0; i < pairs; i++) {
            // The angle grows with the context: in f32 it would lose the turn's fraction.
            double angle = position * rope.frequency(i);
            float cos = (float) (StrictMath.cos(angle) * rope.magnitude());
            float sin = (float) (StrictMath.sin(angle) * rope.magnitude());
            for (int head = at; head < at + length; head += headLength) {
                int first = head + i * step;
                float x0 = x[first];
                float x1 = x[first + apart];
                x[first] = x0 * cos - x1 * sin;
                x[first + apart] = x0 * sin + x1 * cos;
            }
        }
    }
}
