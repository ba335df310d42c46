package dev.jinrai.backend.vector;

import dev.jinrai.format.IQ4_NL;
import java.lang.foreign.MemorySegment;

/// [IQ4_NL]: a scale and sixteen bytes of two codes each, for levels of eight bits ([LevelProduct]).
///
/// Tokens are not rounded: products of eight bits with eight do not add up in sixteen.
final class IQ4_NLPanel {
    static final PanelKernel KERNEL =
            new PanelKernel(
                    new PanelSections(0, IQ4_NL.QS),
                    PanelKernel.CHUNK,
                    32,
                    0,
                    true,
                    new PanelPasses(
                            IQ4_NLPanel::codes,
                            PanelBytes::header,
                            PanelBytes::scales,
                            PanelDecoder::decode),
                    new PanelPasses(
                            IQ4_NLPanel::codes,
                            PanelBytes::header,
                            PanelBytes::scales,
                            ByteProduct::exact,
                            SubBlockSums::addScaled));

    /// The levels of both formats that have them.
    static final byte[] LEVELS = LevelProduct.table(IQ4_NL::level);

    private IQ4_NLPanel() {}

    private static void codes(MemorySegment src, int blocks, PanelScratch scratch) {
        LevelProduct.codes(src, blocks, LEVELS, scratch);
    }
}
