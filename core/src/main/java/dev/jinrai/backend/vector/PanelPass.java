package dev.jinrai.backend.vector;

import java.lang.foreign.MemorySegment;

/// One loop over some weights of a panel's rows: takes codes or scales apart, or multiplies with what others took apart.
/// Passes hand vectors to each other through memory ([PanelScratch]).
@FunctionalInterface
interface PanelPass {
    /// Does this pass's part of the work.
    ///
    /// Passes of [PanelKernel#decode] alone are given a chunk, which of the K formats is one block, and count on that; those of
    /// [PanelKernel#multiply] are given up to a span.
    ///
    /// @param src the panels; the bytes of the first block are at [PanelScratch#at]
    /// @param blocks how many blocks of each row are at hand
    void run(MemorySegment src, int blocks, PanelScratch scratch);
}
