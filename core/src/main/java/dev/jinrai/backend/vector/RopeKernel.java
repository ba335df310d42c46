package dev.jinrai.backend.vector;

import dev.jinrai.backend.Rope;

/// Turns the heads of one token, as [Rope] says.
final class RopeKernel {
    private RopeKernel() {}

    /// Turns the heads in `x[at] … x[at + length - 1]` to `position`.
    static void turn(
            float[] x, int at, int length, int headLength, Rope rope, int position, Turns turns) {
        turns.at(rope, position);
        int pairs = rope.pairs();
        int step = rope.pairing() == Rope.Pairing.INTERLEAVED ? 2 : 1;
        int apart = rope.pairing() == Rope.Pairing.INTERLEAVED ? 1 : pairs;
        for (int i = 0; i < pairs; i++) {
            float cos = turns.cosines[i];
            float sin = turns.sines[i];
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
