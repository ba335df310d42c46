package dev.jinrai.tokenizer;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The characters that are newer than llama.cpp's tables, which are of Unicode 15.1: to it they
/// are none yet, neither letters nor digits, marks, punctuation or symbols. A tokenizer that took
/// them for what they are would cut words elsewhere.
///
/// The list reaches to Unicode 16, which a JVM of version 25 knows. A test compares the classes of
/// all characters with those in llama.cpp's tables, so a JVM that knows more fails it.
///
/// Source: `src/unicode-data.cpp` in llama.cpp 0.7.0; `DerivedAge.txt` of Unicode 16.
final class LaterCharacters {
    /// Pairs of first and last, in order. No older character lies within a pair.
    private static final int[] RANGES = {
        0x897, 0x897, 0x1B4E, 0x1B4F, 0x1B7F, 0x1B7F, 0x1C89, 0x1C8A, 0x2427, 0x2429, 0x31E4,
        0x31E5, 0xA7CB, 0xA7CD, 0xA7DA, 0xA7DC, 0x105C0, 0x105F3, 0x10D40, 0x10D65, 0x10D69,
        0x10D85, 0x10D8E, 0x10D8F, 0x10EC2, 0x10EC4, 0x10EFC, 0x10EFC, 0x11380, 0x11389, 0x1138B,
        0x1138B, 0x1138E, 0x1138E, 0x11390, 0x113B5, 0x113B7, 0x113C0, 0x113C2, 0x113C2, 0x113C5,
        0x113C5, 0x113C7, 0x113CA, 0x113CC, 0x113D5, 0x113D7, 0x113D8, 0x113E1, 0x113E2, 0x116D0,
        0x116E3, 0x11BC0, 0x11BE1, 0x11BF0, 0x11BF9, 0x11F5A, 0x11F5A, 0x13460, 0x143FA, 0x16100,
        0x16139, 0x16D40, 0x16D79, 0x18CFF, 0x18CFF, 0x1CC00, 0x1CCF9, 0x1CD00, 0x1CEB3, 0x1E5D0,
        0x1E5FA, 0x1E5FF, 0x1E5FF, 0x1F8B2, 0x1F8BB, 0x1F8C0, 0x1F8C1, 0x1FA89, 0x1FA89, 0x1FA8F,
        0x1FA8F, 0x1FABE, 0x1FABE, 0x1FAC6, 0x1FAC6, 0x1FADC, 0x1FADC, 0x1FADF, 0x1FADF, 0x1FAE9,
        0x1FAE9, 0x1FBCB, 0x1FBEF
    };

    private static final int FIRST = 0x897;

    private static final Pattern CATEGORY = Pattern.compile("\\\\p\\{([LNMPS])}");

    private static final String NOT_LATER = "[^" + tree(0, RANGES.length) + "]";

    private LaterCharacters() {}

    /// {@return whether a character is one of them}
    static boolean has(int codePoint) {
        int low = 0;
        int high = RANGES.length / 2;
        while (low < high) {
            int middle = (low + high) / 2;
            if (codePoint > RANGES[2 * middle + 1]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return 2 * low < RANGES.length && codePoint >= RANGES[2 * low];
    }

    /// {@return whether a text has any}
    static boolean in(String text) {
        int length = text.length();
        for (int i = 0; i < length; i++) {
            if (text.charAt(i) >= FIRST && has(text.codePointAt(i))) {
                return true;
            }
        }
        return false;
    }

    /// {@return a regular expression in which `\p{L}`, `\p{N}`, `\p{M}`, `\p{P}` and `\p{S}` are
    /// without the later characters}
    static String without(String regex) {
        Matcher matcher = CATEGORY.matcher(regex);
        return matcher.replaceAll("[\\\\p{$1}&&" + Matcher.quoteReplacement(NOT_LATER) + "]");
    }

    /// A class of some ranges in which the regular expression finds its way as in a binary tree.
    private static String tree(int from, int to) {
        String span = "\\x{%x}-\\x{%x}".formatted(RANGES[from], RANGES[to - 1]);
        if (to - from == 2) {
            return span;
        }
        int middle = from + (to - from) / 4 * 2;
        return "[" + span + "&&[" + tree(from, middle) + tree(middle, to) + "]]";
    }
}
