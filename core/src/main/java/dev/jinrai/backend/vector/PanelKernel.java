package dev.jinrai.backend.vector;

import dev.jinrai.format.BF16;
import dev.jinrai.format.F16;
import dev.jinrai.format.F32;
import dev.jinrai.format.Format;
import dev.jinrai.format.Q4_0;
import dev.jinrai.format.Q4_K;
import dev.jinrai.format.Q5_K;
import dev.jinrai.format.Q6_K;
import dev.jinrai.format.Q8_0;
import java.util.Optional;

/// What the products of a [Panel] need to know of a format.
///
/// A weight is `scale · code + offset`, with codes of a signed byte, and scale and offset shared by `sub` weights of
/// a row. Formats of up to six bits are multiplied with [QuantizedTokens], those of eight with f32.
///
/// @param sub how many weights share a scale, 16 or 32
/// @param zero the code whose weight is nearest zero, in the middle of a format's codes
/// @param levels the largest code of a token with which `sub` codes, counted from `zero`, sum up to 16 bits; 0 for f32
/// @param offset whether weights have an offset even when their codes are counted from `zero`
/// @param decode the passes that fill [PanelScratch#codes], [PanelScratch#scales] and [PanelScratch#offsets] or
/// [PanelScratch#weights] with a chunk, for a product with many tokens
/// @param multiply the passes that add a chunk's products with one token to [PanelScratch#results]
record PanelKernel(
        int sub, int zero, int levels, boolean offset, PanelPasses decode, PanelPasses multiply) {
    /// Most weights of a row that are taken apart at a time: a block of the K formats, or eight of 32.
    static final int CHUNK = 256;

    /// {@return whether tokens are quantized}
    boolean quantizes() {
        return levels > 0;
    }

    /// {@return the kernel of a format that is laid in panels, or nothing if its rows are used as they are}
    static Optional<PanelKernel> of(Format format) {
        return switch (format) {
            case F32 _, F16 _, BF16 _ -> Optional.empty();
            case Q4_0 _ -> Optional.of(Q4_0Panel.KERNEL);
            case Q8_0 _ -> Optional.of(Q8_0Panel.KERNEL);
            case Q4_K _ -> Optional.of(Q4_KPanel.KERNEL);
            case Q5_K _ -> Optional.of(Q5_KPanel.KERNEL);
            case Q6_K _ -> Optional.of(Q6_KPanel.KERNEL);
        };
    }
}
