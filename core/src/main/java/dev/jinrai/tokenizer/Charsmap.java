package dev.jinrai.tokenizer;

import dev.jinrai.gguf.Metadata;
import java.util.Arrays;

/// The table by which SentencePiece normalizes text: stretches of bytes and what replaces them
/// (`tokenizer.ggml.precompiled_charsmap`), such as `ﬁ` by `fi` and a tab by a space.
///
/// ```
/// byte 0-3        n, the bytes of the array (little endian, as all that follows)
/// 4 … 4+n         units of 32 bits, a double array
/// 4+n …           the replacements, each ended by a byte 0
///
/// unit  bit 0-7   the byte that leads here; bit 31 is clear
///       bit 8     a stretch ends here
///       bit 9     the offset is to be shifted by 8 more
///       bit 10-30 offset: the child by byte b of the unit at i is at i ^ offset ^ b
///                 if a stretch ends here, i ^ offset holds the place of its replacement in bit 0-30
/// ```
/// Everything read is checked: a table that leads in a circle is an error, and one that leads
/// outside itself is one when a text gets there.
///
/// Source: Aoe 1989, "An efficient digital search algorithm by using a double-array structure";
/// Yata's Darts-clone, which SentencePiece writes it with; `llm_tokenizer_ugm` in llama.cpp.
final class Charsmap {
    static final String KEY = "tokenizer.ggml.precompiled_charsmap";

    /// Replaces nothing.
    static final Charsmap NONE = new Charsmap(KEY, new int[0], new byte[0]);

    private static final int HEADER = 4;
    private static final int NO_MATCH = -1;
    private static final int LABEL = 0x8000_00FF;

    /// The bytes a stretch may have; those of published models have less than 50.
    private static final int LONGEST = 1024;

    private final String key;
    private final int[] units;
    private final byte[] replacements;

    /// A stretch that was found: the bytes it has, and where its replacement lies in [#bytes].
    record Match(int length, int start, int end) {}

    private Charsmap(String key, int[] units, byte[] replacements) {
        this.key = key;
        this.units = units;
        this.replacements = replacements;
    }

    /// @throws TokenizerException if it is cut short or leads too far
    static Charsmap from(Metadata metadata) {
        return metadata.contains(KEY) ? of(KEY, metadata.ints(KEY)) : NONE;
    }

    /// The table in bytes, of which the low eight bits count.
    ///
    /// @param key what messages call it
    static Charsmap of(String key, int[] bytes) {
        if (bytes.length < HEADER) {
            throw new TokenizerException(
                    "key '%s': %d bytes are too few for the length of its array"
                            .formatted(key, bytes.length));
        }
        long size = Integer.toUnsignedLong(word(bytes, 0));
        if (size >= bytes.length - HEADER) {
            throw new TokenizerException(
                    "key '%s': its array is said to have %d of the %d bytes after the length, and leaves"
                                    .formatted(key, size, bytes.length - HEADER)
                            + " none for the replacements");
        }
        int[] units = new int[(int) size / Integer.BYTES];
        for (int i = 0; i < units.length; i++) {
            units[i] = word(bytes, HEADER + i * Integer.BYTES);
        }
        byte[] replacements = new byte[bytes.length - HEADER - (int) size];
        for (int i = 0; i < replacements.length; i++) {
            replacements[i] = (byte) bytes[HEADER + (int) size + i];
        }
        requireShortStretches(key, units);
        return new Charsmap(key, units, replacements);
    }

    /// Reading from every place of a text as far as the array leads must not take long: one that
    /// leads in a circle would read to the end each time.
    private static void requireShortStretches(String key, int[] units) {
        if (units.length > 0) {
            int[] lengths = new int[units.length];
            Arrays.fill(lengths, NO_MATCH);
            longestFrom(key, 0, 0, units, lengths);
        }
    }

    /// {@return the bytes that can follow a unit, and keeps it in `lengths`}
    private static int longestFrom(String key, int index, int depth, int[] units, int[] lengths) {
        int length = lengths[index];
        if (length == NO_MATCH && depth <= LONGEST) {
            length = 0;
            int children = index ^ offset(units[index]);
            for (int b = 1; b < 256; b++) {
                int child = children ^ b;
                if (child >= 0 && child < units.length && (units[child] & LABEL) == b) {
                    length =
                            Math.max(
                                    length, 1 + longestFrom(key, child, depth + 1, units, lengths));
                }
            }
            lengths[index] = length;
        }
        if (depth + length > LONGEST || depth > LONGEST) {
            throw new TokenizerException(
                    "key '%s': its array leads in a circle or through more than %d bytes"
                            .formatted(key, LONGEST));
        }
        return length;
    }

    private static int word(int[] bytes, int at) {
        return (bytes[at] & 0xFF)
                | (bytes[at + 1] & 0xFF) << 8
                | (bytes[at + 2] & 0xFF) << 16
                | (bytes[at + 3] & 0xFF) << 24;
    }

    /// The replacements, one after the other.
    byte[] bytes() {
        return replacements;
    }

    /// {@return the longest stretch that begins at `text[from]` and is replaced; its length is 0 if
    /// there is none}
    Match longest(byte[] text, int from) {
        return find(text, from, false);
    }

    /// {@return the shortest stretch that begins at `text[from]` and is replaced; its length is 0 if
    /// there is none}
    Match shortest(byte[] text, int from) {
        return find(text, from, true);
    }

    private Match find(byte[] text, int from, boolean first) {
        if (units.length == 0) {
            return new Match(0, 0, 0);
        }
        int length = 0;
        int found = NO_MATCH;
        int node = offset(unit(0));
        for (int i = from; i < text.length && text[i] != 0; i++) {
            node ^= text[i] & 0xFF;
            int unit = unit(node);
            if ((unit & LABEL) != (text[i] & 0xFF)) {
                break;
            }
            node ^= offset(unit);
            if ((unit >> 8 & 1) != 0) {
                length = i - from + 1;
                found = unit(node) & Integer.MAX_VALUE;
                if (first) {
                    break;
                }
            }
        }
        return length == 0 ? new Match(0, 0, 0) : new Match(length, found, end(found));
    }

    private static int offset(int unit) {
        return unit >>> 10 << ((unit & 1 << 9) >> 6);
    }

    private int unit(int index) {
        if (index < 0 || index >= units.length) {
            throw new TokenizerException(
                    "key '%s': leads to unit %d of %d"
                            .formatted(key, Integer.toUnsignedLong(index), units.length));
        }
        return units[index];
    }

    private int end(int start) {
        for (int end = start; end < replacements.length; end++) {
            if (replacements[end] == 0) {
                return end;
            }
        }
        throw new TokenizerException(
                "key '%s': the replacement at byte %d does not end within its %d bytes"
                        .formatted(key, start, replacements.length));
    }
}
