package dev.jinrai.tokenizer.pipeline;

/// UTF-8 to text, in pieces cut anywhere. Mutable.
///
/// What is not UTF-8 becomes U+FFFD, one for each maximal subpart: the longest start of a character
/// that could have been completed, or a single byte that starts none (The Unicode Standard, section
/// 3.9, table 3-7 and "U+FFFD Substitution of Maximal Subparts"). The JDK's decoder differs: it
/// makes one U+FFFD of the three bytes of an encoded surrogate.
public final class Utf8Decoder {
    private static final char REPLACEMENT = '\uFFFD';

    private int codePoint;

    /// Bytes still missing from the character that was begun.
    private int missing;

    /// What the next of them may be; only the second byte of a character is narrower than 80..BF.
    private int lowest = 0x80;

    private int highest = 0xBF;

    /// Begins before the first byte.
    public Utf8Decoder() {}

    /// Appends the characters that are whole; what was begun waits for the next bytes.
    public void append(byte[] bytes, StringBuilder out) {
        for (byte signed : bytes) {
            int b = signed & 0xFF;
            if (missing > 0 && (b < lowest || b > highest)) {
                flush(out);
            }
            if (missing == 0) {
                begin(b, out);
            } else {
                codePoint = codePoint << 6 | (b & 0x3F);
                lowest = 0x80;
                highest = 0xBF;
                if (--missing == 0) {
                    out.appendCodePoint(codePoint);
                }
            }
        }
    }

    /// Ends the text: a character that was begun becomes U+FFFD.
    public void flush(StringBuilder out) {
        if (missing > 0) {
            out.append(REPLACEMENT);
        }
        missing = 0;
        lowest = 0x80;
        highest = 0xBF;
    }

    private void begin(int b, StringBuilder out) {
        if (b < 0x80) {
            out.append((char) b);
        } else if (b >= 0xC2 && b <= 0xDF) {
            codePoint = b & 0x1F;
            missing = 1;
        } else if (b >= 0xE0 && b <= 0xEF) {
            codePoint = b & 0x0F;
            missing = 2;
            lowest = b == 0xE0 ? 0xA0 : 0x80; // below: two bytes would do
            highest = b == 0xED ? 0x9F : 0xBF; // above: surrogates
        } else if (b >= 0xF0 && b <= 0xF4) {
            codePoint = b & 0x07;
            missing = 3;
            lowest = b == 0xF0 ? 0x90 : 0x80; // below: three bytes would do
            highest = b == 0xF4 ? 0x8F : 0xBF; // above: beyond U+10FFFF
        } else {
            out.append(REPLACEMENT);
        }
    }
}
