package dev.jinrai.gpu;

import dev.jinrai.format.BF16;
import dev.jinrai.format.Codebook;
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
import java.util.List;

/// The formats that kernels decode in one way, as sixteen codes with a scale (`codes.glsl`), and what that needs.
///
/// A kernel that multiplies has a variant for them: it is large, and takes longer to compile than those who need it not should wait.
public final class CodedFormats {
    /// In the order in which kernels know where each begins.
    private static final List<Codebook> CODEBOOKS =
            List.of(
                    Codebook.IQ2_XXS,
                    Codebook.IQ2_XS,
                    Codebook.IQ2_S,
                    Codebook.IQ3_XXS,
                    Codebook.IQ3_S,
                    Codebook.IQ1_S);

    private CodedFormats() {}

    /// {@return the variant of the kernel `name` that knows a format}
    public static String kernel(String name, Format format) {
        return kind(format) == Kind.OWN ? name : name + "Coded";
    }

    /// {@return whether weights of a format are numbers of a codebook's entries}
    public static boolean haveCodebook(Format format) {
        return kind(format) == Kind.CODEBOOK;
    }

    private enum Kind {
        /// Decoded in a way of its own (`formats.glsl`).
        OWN,
        CODES,
        CODEBOOK
    }

    private static Kind kind(Format format) {
        return switch (format) {
            case F32 _, F16 _, BF16 _, Q4_0 _, Q8_0 _, Q4_K _, Q5_K _, Q6_K _ -> Kind.OWN;
            case Q4_1 _, Q5_0 _, Q5_1 _, Q2_K _, Q3_K _, Q8_K _ -> Kind.CODES;
            case IQ4_NL _, IQ4_XS _, MXFP4 _, NVFP4 _ -> Kind.CODES;
            case TQ1_0 _, TQ2_0 _, Q1_0 _, Q2_0 _ -> Kind.CODES;
            case IQ1_S _, IQ1_M _, IQ2_XXS _, IQ2_XS _, IQ2_S _, IQ3_XXS _, IQ3_S _ ->
                    Kind.CODEBOOK;
        };
    }

    /// {@return all codebooks, one behind another, a byte an element, as kernels read them}
    public static byte[] codebooks() {
        int elements = CODEBOOKS.stream().mapToInt(book -> book.entries() * book.length()).sum();
        byte[] bytes = new byte[elements];
        int at = 0;
        for (Codebook book : CODEBOOKS) {
            for (int entry = 0; entry < book.entries(); entry++) {
                for (int i = 0; i < book.length(); i++) {
                    bytes[at++] = (byte) stored(book, book.element(entry, i));
                }
            }
        }
        return bytes;
    }

    /// Those of IQ1, which formats move by an eighth, in eighths, and never negative, so that no byte borrows from its neighbour.
    private static int stored(Codebook book, int element) {
        return book == Codebook.IQ1_S ? 128 + 8 * element : element;
    }
}
