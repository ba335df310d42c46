package dev.jinrai.backend.vector;

import java.lang.foreign.MemorySegment;

/// Passes in the order in which they run.
///
/// All go through the one call here, which by that sees too many receivers for C2 to inline them: each pass is
/// compiled alone. That is the point. C2 stops inlining when a method has some dozens of vector
/// operations, and from there on puts every vector on the heap, which costs a factor of five.
final class PanelPasses {
    private final PanelPass[] passes;

    PanelPasses(PanelPass... passes) {
        this.passes = passes;
    }

    void run(MemorySegment src, int blocks, PanelScratch scratch) {
        for (PanelPass pass : passes) {
            pass.run(src, blocks, scratch);
        }
    }
}
