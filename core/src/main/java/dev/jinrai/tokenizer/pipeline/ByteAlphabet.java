package dev.jinrai.tokenizer.pipeline;

import java.util.Arrays;

/// The letters that byte-level vocabularies write bytes with, one a byte.
///
/// A byte that is a printable character of Latin-1 is that character: `!`–`~`, `¡`–`¬`, `®`–`ÿ`. The
/// other 68, in order, are U+0100 and the characters after it, so the space is `Ġ` and the line feed
/// is `Ċ`.
///
/// Source: Radford et al. 2019 (GPT-2), section 2.2; `bytes_to_unicode` in its `encoder.py`.
public final class ByteAlphabet {
    private static final int LETTERS = 256 + 68;
    private static final char[] OF_BYTE = new char[256];
    private static final short[] BYTES = new short[LETTERS];

    static {
        Arrays.fill(BYTES, (short) -1);
        char next = 256;
        for (int b = 0; b < 256; b++) {
            OF_BYTE[b] = isPrintable(b) ? (char) b : next++;
            BYTES[OF_BYTE[b]] = (short) b;
        }
    }

    private ByteAlphabet() {}

    private static boolean isPrintable(int b) {
        return (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xFF && b != 0xAD);
    }

    /// {@return the letter of a byte, given as −128 to 255}
    public static char letter(int b) {
        return OF_BYTE[b & 0xFF];
    }

    /// {@return the byte of a letter, 0 to 255; −1 if the character is no letter}
    public static int byteOf(int codePoint) {
        return codePoint < LETTERS ? BYTES[codePoint] : -1;
    }

    /// Writes the letters of a text's UTF-8 bytes.
    ///
    /// @param text without unpaired surrogates
    /// @param letters room for three letters a UTF-16 unit
    /// @return how many letters were written
    public static int spell(String text, int from, int to, char[] letters) {
        int count = 0;
        for (int i = from; i < to; i++) {
            int c = text.charAt(i);
            if (c < 0x80) {
                letters[count++] = OF_BYTE[c];
                continue;
            }
            if (c < 0x800) {
                letters[count++] = OF_BYTE[0xC0 | c >> 6];
            } else {
                if (Character.isHighSurrogate((char) c)) {
                    c = Character.toCodePoint((char) c, text.charAt(++i));
                    letters[count++] = OF_BYTE[0xF0 | c >> 18];
                    letters[count++] = OF_BYTE[0x80 | (c >> 12 & 0x3F)];
                } else {
                    letters[count++] = OF_BYTE[0xE0 | c >> 12];
                }
                letters[count++] = OF_BYTE[0x80 | (c >> 6 & 0x3F)];
            }
            letters[count++] = OF_BYTE[0x80 | (c & 0x3F)];
        }
        return count;
    }

    /// {@return the letters of a text's UTF-8 bytes}
    ///
    /// @param text without unpaired surrogates
    public static String spell(String text) {
        char[] letters = new char[Math.multiplyExact(3, text.length())];
        return new String(letters, 0, spell(text, 0, text.length(), letters));
    }
}
