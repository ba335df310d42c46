package dev.jinrai.backend.vector;

import java.lang.foreign.MemorySegment;

/// One loop over a chunk of a panel: takes codes or scales apart, or multiplies with what others took apart.
/// Passes hand vectors to each other through memory ([PanelScratch]).
@FunctionalInterface
interface PanelPass {
    /// Does this pass's part of the work.
    ///
    /// @param src the panels; the bytes of the chunk's first block are at [PanelScratch#at]
    /// @param blocks how many blocks of each row the chunk has
    void run(MemorySegment src, int blocks, PanelScratch scratch);
}
