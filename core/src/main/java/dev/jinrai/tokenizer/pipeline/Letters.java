package dev.jinrai.tokenizer.pipeline;

import java.util.function.IntPredicate;

/// Classes of characters as Rust's standard library and the crates beside it have them, which
/// decide what Hugging Face's tokenizers do.
///
/// Where the JDK's tables differ, [OtherUnicode] says so.
public final class Letters {
    private static final int MARKS =
            1 << Character.NON_SPACING_MARK
                    | 1 << Character.ENCLOSING_MARK
                    | 1 << Character.COMBINING_SPACING_MARK;
    private static final int NUMBERS =
            1 << Character.DECIMAL_DIGIT_NUMBER
                    | 1 << Character.LETTER_NUMBER
                    | 1 << Character.OTHER_NUMBER;
    private static final int PUNCTUATION =
            1 << Character.CONNECTOR_PUNCTUATION
                    | 1 << Character.DASH_PUNCTUATION
                    | 1 << Character.START_PUNCTUATION
                    | 1 << Character.END_PUNCTUATION
                    | 1 << Character.INITIAL_QUOTE_PUNCTUATION
                    | 1 << Character.FINAL_QUOTE_PUNCTUATION
                    | 1 << Character.OTHER_PUNCTUATION;

    private Letters() {}

    /// `White_Space`; all of them are below U+10000.
    public static boolean isSpace(int c) {
        return (c >= '\t' && c <= '\r')
                || c == ' '
                || c == 0x85
                || c == 0xA0
                || c == 0x1680
                || (c >= 0x2000 && c <= 0x200A)
                || c == 0x2028
                || c == 0x2029
                || c == 0x202F
                || c == 0x205F
                || c == 0x3000;
    }

    static boolean isMark(int c) {
        return is(c, MARKS) != OtherUnicode.MARKS.get(c);
    }

    static boolean isNonSpacingMark(int c) {
        return is(c, 1 << Character.NON_SPACING_MARK) != OtherUnicode.NON_SPACING_MARKS.get(c);
    }

    static boolean isNumeric(int c) {
        return is(c, NUMBERS) != OtherUnicode.NUMBERS.get(c);
    }

    /// Punctuation of Unicode, and all signs of ASCII.
    static boolean isPunctuation(int c) {
        return c < 0x80
                ? (c > ' ' && c < 0x7F && !Character.isLetterOrDigit(c))
                : is(c, PUNCTUATION) != OtherUnicode.PUNCTUATION.get(c);
    }

    /// `\w` of Unicode Technical Standard 18.
    public static boolean isWord(int c) {
        if (c < 0x80) {
            return (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || c == '_';
        }
        return Character.isAlphabetic(c)
                || is(
                        c,
                        MARKS
                                | 1 << Character.DECIMAL_DIGIT_NUMBER
                                | 1 << Character.CONNECTOR_PUNCTUATION)
                || c == 0x200C
                || c == 0x200D;
    }

    private static boolean is(int c, int types) {
        return (1 << Character.getType(c) & types) != 0;
    }

    /// The small letters of each character, one by one: a sigma at the end of a word is like any
    /// other.
    static String lowerCase(String text) {
        StringBuilder out = new StringBuilder(text.length());
        int next;
        for (int at = 0; at < text.length(); at = next) {
            int c = text.codePointAt(at);
            next = at + Character.charCount(c);
            if (c == 0x130) {
                out.append("i\u0307"); // the only one that becomes two
            } else {
                out.appendCodePoint(small(c));
            }
        }
        return out.toString();
    }

    /// Letters that came with Unicode 17 are known to Rust and not yet to the JDK.
    private static int small(int c) {
        if (c < 0x80) {
            return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
        }
        return switch (c) {
            case 0xA7CE, 0xA7D2, 0xA7D4 -> c + 1;
            default -> c >= 0x16EA0 && c <= 0x16EB8 ? c + 0x1B : Character.toLowerCase(c);
        };
    }

    static String normalForm(String text, java.text.Normalizer.Form form) {
        if (isAscii(text)) {
            return text;
        }
        StringBuilder out = null;
        int start = 0;
        int next;
        for (int at = 0; at < text.length(); at = next) {
            int c = text.codePointAt(at);
            next = at + Character.charCount(c);
            if (OtherUnicode.NORMAL_FORMS.get(c)) {
                out = out == null ? new StringBuilder() : out;
                out.append(java.text.Normalizer.normalize(text.substring(start, at), form));
                out.appendCodePoint(c);
                start = next;
            }
        }
        String rest = java.text.Normalizer.normalize(text.substring(start), form);
        return out == null ? rest : out.append(rest).toString();
    }

    static String without(String text, IntPredicate unwanted) {
        StringBuilder out = new StringBuilder(text.length());
        int next;
        for (int at = 0; at < text.length(); at = next) {
            int c = text.codePointAt(at);
            next = at + Character.charCount(c);
            if (!unwanted.test(c)) {
                out.appendCodePoint(c);
            }
        }
        return out.toString();
    }

    /// Whether no normal form changes a text.
    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }
}
