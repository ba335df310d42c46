package dev.jinrai.backend.vector;

import dev.jinrai.format.BF16;
import dev.jinrai.format.F16;
import dev.jinrai.format.F32;
import dev.jinrai.format.Format;
import dev.jinrai.format.IQ1_M;
import dev.jinrai.format.IQ1_S;
import dev.jinrai.format.IQ2_S;
import dev.jinrai.format.IQ2_XS;
import dev.jinrai.format.IQ2_XXS;
import dev.jinrai.format.IQ3_S;
import dev.jinrai.format.IQ3_XXS;
import dev.jinrai.format.IQ4_NL;
import dev.jinrai.format.IQ4_XS;
import dev.jinrai.format.MXFP4;
import dev.jinrai.format.NVFP4;
import dev.jinrai.format.Q1_0;
import dev.jinrai.format.Q2_0;
import dev.jinrai.format.Q2_K;
import dev.jinrai.format.Q3_K;
import dev.jinrai.format.Q4_0;
import dev.jinrai.format.Q4_1;
import dev.jinrai.format.Q4_K;
import dev.jinrai.format.Q5_0;
import dev.jinrai.format.Q5_1;
import dev.jinrai.format.Q5_K;
import dev.jinrai.format.Q6_K;
import dev.jinrai.format.Q8_0;
import dev.jinrai.format.Q8_K;
import dev.jinrai.format.TQ1_0;
import dev.jinrai.format.TQ2_0;
import java.util.Optional;

/// What the products of a [Panel] need to know of a format.
///
/// A weight is `scale · code + offset`, with codes of a byte, and scale and offset shared by `sub` weights of
/// a row. Codes of up to six bits are multiplied with tokens of eight in sixteen-bit lanes ([QuantizedTokens]), counted from
/// `zero`; others with tokens as they are.
///
/// @param sections how panels keep the fields of a block
/// @param span how many weights of a row are multiplied with one token at a time, at most [#MOST_SPAN]
/// @param sub how many weights share a scale, 16 or 32
/// @param zero the code in the middle, or 0 if tokens are not rounded for this format
/// @param symmetric whether that code stands for the weight zero: offsets are `−zero · scale`
/// @param decode the passes that take a chunk, at most [#CHUNK], apart: to f32 ([PanelScratch#weights]), or to codes, scales and offsets if
///     tokens are rounded
/// @param multiply the passes that add a span's products with one token to [PanelScratch#results]
record PanelKernel(
        PanelSections sections,
        int span,
        int sub,
        int zero,
        boolean symmetric,
        PanelPasses decode,
        PanelPasses multiply) {
    /// Most weights of a row that are decoded at a time: a block of the K formats, or eight of 32.
    static final int CHUNK = 256;

    /// Most weights of a row that are multiplied with one token at a time: the span of the K formats.
    ///
    /// Between spans the scales are worked on, and the memory rests: Q8_0 generated 18 to 19 tokens per second with spans of 256,
    /// and 20 to 24 with these.
    static final int MOST_SPAN = 2048;

    /// Most weights that share a scale.
    static final int MOST_SUB = 32;

    /// {@return whether tokens are rounded to eight bits}
    boolean quantizesTokens() {
        return zero > 0;
    }

    /// {@return what the magnitudes of a sub-block's rounded values may add up to: times a code they fit 16 bits}
    float mostMagnitudes() {
        return (float) Short.MAX_VALUE / zero;
    }

    /// {@return the kernel of a format that is laid in panels, or nothing if its rows are used as they are}
    static Optional<PanelKernel> of(Format format) {
        return switch (format) {
            case F32 _, F16 _, BF16 _ -> Optional.empty();
            case Q8_K _,
                    IQ1_S _,
                    IQ1_M _,
                    IQ2_XXS _,
                    IQ2_XS _,
                    IQ2_S _,
                    IQ3_XXS _,
                    IQ3_S _,
                    TQ1_0 _,
                    TQ2_0 _,
                    NVFP4 _,
                    Q1_0 _,
                    Q2_0 _ ->
                    Optional.empty();
            case Q4_0 _ -> Optional.of(Q4_0Panel.KERNEL);
            case Q4_1 _ -> Optional.of(Q4_1Panel.KERNEL);
            case Q5_0 _ -> Optional.of(Q5_0Panel.KERNEL);
            case Q5_1 _ -> Optional.of(Q5_1Panel.KERNEL);
            case Q2_K _ -> Optional.of(Q2_KPanel.KERNEL);
            case Q3_K _ -> Optional.of(Q3_KPanel.KERNEL);
            case IQ4_NL _ -> Optional.of(IQ4_NLPanel.KERNEL);
            case IQ4_XS _ -> Optional.of(IQ4_XSPanel.KERNEL);
            case MXFP4 _ -> Optional.of(MXFP4Panel.KERNEL);
            case Q8_0 _ -> Optional.of(Q8_0Panel.KERNEL);
            case Q4_K _ -> Optional.of(Q4_KPanel.KERNEL);
            case Q5_K _ -> Optional.of(Q5_KPanel.KERNEL);
            case Q6_K _ -> Optional.of(Q6_KPanel.KERNEL);
        };
    }
}
