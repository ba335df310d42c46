package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.BlockedKvCache.BLOCK;
import static dev.jinrai.backend.vector.Registers.COUNT;

import dev.jinrai.backend.Heads;
import java.lang.foreign.MemorySegment;

/// One thread's working memory for attention, grown to the largest that was needed.
///
/// Shapes: `Q` query rows, of which the last fill up a [Tile]; `V` the length of a value's head, filled up
/// likewise.
final class AttentionScratch {
    /// `Q × keyLength`, multiplied by the scale.
    float[] queries = {};

    /// `Q × BLOCK`: scores, then what softmax makes of them.
    float[] scores = {};

    /// `keyLength × BLOCK`: a block of keys of one head, decoded.
    float[] keys = {};

    /// `BLOCK × V`: a block of values of one head, decoded.
    float[] values = {};

    /// `Q × V`: each row's sum of `exp(score − largest) · value`.
    float[] weighted = {};

    /// `Q × L`: each row's sum of `exp(score − largest)`, in the lanes of a register.
    float[] sums = {};

    /// `Q`: each row's largest score so far.
    float[] largest = {};

    final float[] lanes = new float[COUNT];

    /// The scales of a row of keys.
    final float[] scales = new float[BLOCK];

    /// A block of [dev.jinrai.format.Q8_0].
    final MemorySegment encoded = MemorySegment.ofArray(new byte[34]);

    /// Makes room for `rows` query rows, whole tiles.
    void fit(Heads heads, int rows) {
        int valueLength = Tile.columns(heads.valueLength());
        queries = fit(queries, rows * heads.keyLength());
        scores = fit(scores, rows * BLOCK);
        keys = fit(keys, heads.keyLength() * BLOCK);
        values = fit(values, BLOCK * valueLength);
        weighted = fit(weighted, rows * valueLength);
        sums = fit(sums, rows * COUNT);
        largest = fit(largest, rows);
    }

    private static float[] fit(float[] array, int length) {
        return array.length < length ? new float[length] : array;
    }
}
