package dev.jinrai.format;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;

/// # The codebooks of the IQ1, IQ2 and IQ3 formats
///
/// A code of these formats stands for four or eight weights at once: it is the number of an entry,
/// a run of small integers that were chosen because such runs are frequent. IQ2 and IQ3 store the
/// signs apart, so their entries are magnitudes; those of IQ1 are −1, 0 and 1.
///
/// The entries are facts, not computed. A resource `NAME.grid` has them in hexadecimal digits: an
/// element is the number of its value below, in two bits, of the IQ3 books in four, and a byte begins
/// with its lowest bits.
///
/// Source: `iq2xxs_grid`, `iq2xs_grid`, `iq2s_grid`, `iq3xxs_grid`, `iq3s_grid` and `iq1s_grid` in
/// ggml (ggml-common.h), as the Python package `gguf` 0.19.0 packs them.
public enum Codebook {
    /// 2048 entries of eight, for [IQ1_S] and [IQ1_M].
    IQ1_S(2048, 8, -1, 0, 1),
    /// 256 entries of eight.
    IQ2_XXS(256, 8, 8, 25, 43),
    /// 512 entries of eight.
    IQ2_XS(512, 8, 8, 25, 43),
    /// 1024 entries of eight.
    IQ2_S(1024, 8, 8, 25, 43),
    /// 256 entries of four.
    IQ3_XXS(256, 4, 4, 12, 20, 28, 36, 44, 52, 62),
    /// 512 entries of four.
    IQ3_S(512, 4, 1, 3, 5, 7, 9, 11, 13, 15);

    private final int entries;
    private final int length;

    @SuppressWarnings("ImmutableEnumChecker") // written by the constructor alone
    private final byte[] elements;

    Codebook(int entries, int length, int... values) {
        this.entries = entries;
        this.length = length;
        elements = read(name(), entries * length, values);
    }

    private static byte[] read(String name, int count, int[] values) {
        int bits = values.length > 4 ? 4 : 2;
        byte[] packed = HexFormat.of().parseHex(text(name).replace("\n", ""));
        byte[] elements = new byte[count];
        for (int i = 0; i < count; i++) {
            int code = packed[i * bits / 8] >>> (i * bits % 8) & ((1 << bits) - 1);
            elements[i] = (byte) values[code];
        }
        return elements;
    }

    private static String text(String name) {
        try (InputStream in = Codebook.class.getResourceAsStream(name + ".grid")) {
            if (in == null) {
                throw new IllegalStateException("the resource %s.grid is missing".formatted(name));
            }
            return new String(in.readAllBytes(), US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// {@return how many entries there are}
    public int entries() {
        return entries;
    }

    /// {@return how many weights an entry stands for, 4 or 8}
    public int length() {
        return length;
    }

    /// {@return element `i` of an entry}
    public int element(int entry, int i) {
        return elements[entry * length + i];
    }

    /// `dst[at + i] = scale · element i`, negative where bit `i` of `signs` is set.
    void decode(int entry, int signs, float scale, float[] dst, int at) {
        for (int i = 0; i < length; i++) {
            float weight = scale * elements[entry * length + i];
            dst[at + i] = (signs >>> i & 1) == 0 ? weight : -weight;
        }
    }

    /// `dst[at + i] = scale · (element i + delta)`.
    void decode(int entry, float delta, float scale, float[] dst, int at) {
        for (int i = 0; i < length; i++) {
            dst[at + i] = scale * (elements[entry * length + i] + delta);
        }
    }

    /// {@return the signs of eight weights that are stored in seven bits: their number is even}
    ///
    /// Source: `ksigns_iq2xs` in ggml.
    static int evenSigns(int seven) {
        return seven | (Integer.bitCount(seven) & 1) << 7;
    }
}
