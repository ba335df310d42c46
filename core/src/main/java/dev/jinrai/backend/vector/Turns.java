package dev.jinrai.backend.vector;

import dev.jinrai.backend.Rope;
import org.jspecify.annotations.Nullable;

/// The sines and cosines by which the pairs of a head turn at one position, kept from the last call.
///
/// All layers turn the queries and keys of a token alike, so a step of an answer takes each sine once
/// instead of twice a layer. `StrictMath` gives every machine and every state of the JIT the same bits, and
/// leaves an array behind for each angle it has to reduce.
final class Turns {
    float[] cosines = {};
    float[] sines = {};
    private @Nullable Rope rope;
    private int position;

    /// Makes `cosines[i]` and `sines[i]` those of pair `i` of `rope` at `position`, times its magnitude.
    void at(Rope rope, int position) {
        if (rope == this.rope && position == this.position) {
            return;
        }
        int pairs = rope.pairs();
        if (cosines.length < pairs) {
            cosines = new float[pairs];
            sines = new float[pairs];
        }
        for (int i = 0; i < pairs; i++) {
            // The angle grows with the context: in f32 it would lose the turn's fraction.
            double angle = position * rope.frequency(i);
            cosines[i] = (float) (StrictMath.cos(angle) * rope.magnitude());
            sines[i] = (float) (StrictMath.sin(angle) * rope.magnitude());
        }
        this.rope = rope;
        this.position = position;
    }
}
