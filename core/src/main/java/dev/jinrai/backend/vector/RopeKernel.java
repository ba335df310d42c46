package dev.jinrai.backend.vector;

import dev.jinrai.backend.Rope;

/// Turns the heads of one token, as [Rope] says.
final class RopeKernel {
    private RopeKernel() {}

    /// Turns the heads in `x[at] … x[at + length - 1]` by the angles at `turns[from]`, as [RopeAngles] gives
    /// them.
    static void turn(
            float[] x, int at, int length, int headLength, Rope rope, float[] turns, int from) {
        int pairs = rope.pairs();
        int step = rope.pairing() == Rope.Pairing.INTERLEAVED ? 2 : 1;
        int apart = rope.pairing() == Rope.Pairing.INTERLEAVED ? 1 : pairs;
        for (int head = at; head < at + length; head += headLength) {
            for (int i = 0; i < pairs; i++) {
                float cos = turns[from + 2 * i];
                float sin = turns[from + 2 * i + 1];
                int first = head + i * step;
                float x0 = x[first];
                float x1 = x[first + apart];
                x[first] = x0 * cos - x1 * sin;
                x[first + apart] = x0 * sin + x1 * cos;
            }
        }
    }
}
