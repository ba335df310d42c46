package dev.jinrai.backend.vector;

import java.lang.foreign.MemorySegment;

/// One loop over a row of weights.
///
/// What a format does with a row is a list of passes ([RowKernel]), run by [#all]. They hand vectors to each
/// other through memory, and all go through the one call there, which by that sees too many
/// receivers for C2 to inline them: each pass is compiled alone. That is the point. C2 stops inlining when a
/// method has some dozens of vector operations, and from there on puts every vector on the heap; a
/// row's product in one piece ran five times slower than in three.
@FunctionalInterface
interface RowPass {
    /// Where the scales begin in the scratch memory; before them is room for a register's lanes.
    int SCALES = 16;

    /// Does this pass's part of the work.
    ///
    /// @param src the weights; the row begins at byte `offset`
    /// @param values what the row is multiplied with, or what receives its decoded weights
    /// @param sums of each 32 values, when they are multiplied with
    /// @param count the weights of the row, a multiple of the block length
    /// @param scratch a register's lanes, then scales; what a product adds to is in the lanes
    void run(
            MemorySegment src,
            long offset,
            float[] values,
            float[] sums,
            int count,
            float[] scratch);

    /// Runs `passes` in their order.
    static void all(
            RowPass[] passes,
            MemorySegment src,
            long offset,
            float[] values,
            float[] sums,
            int count,
            float[] scratch) {
        for (RowPass pass : passes) {
            pass.run(src, offset, values, sums, count, scratch);
        }
    }
}
