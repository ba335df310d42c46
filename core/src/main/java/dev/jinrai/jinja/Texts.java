package dev.jinrai.jinja;

import java.util.BitSet;
import java.util.Locale;

/// Strings as Python sees them: sequences of code points, not of UTF-16 units.
final class Texts {
    private Texts() {}

    static boolean is(Object value) {
        return value instanceof String || value instanceof Markup;
    }

    /// {@return the characters of a string}
    static String of(Object value) {
        return value instanceof Markup markup ? markup.text() : (String) value;
    }

    static String need(Object value, String what) {
        Undefined.check(value);
        if (!is(value)) {
            throw new Problem("%s needs a string, got %s".formatted(what, Types.name(value)));
        }
        return of(value);
    }

    /// {@return `text`, as [Markup] if `like` is}
    static Object like(Object like, String text) {
        return like instanceof Markup ? new Markup(text) : text;
    }

    /// {@return what a message shows of a text}
    static String beginning(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }

    static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /// Python's white space, which `strip` and `split` mean.
    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }

    /// Unicode's characters of `Numeric_Type=Digit`, from and to: `²`, `₀`, `①`, `⑴`, `⒈`, `➀`…
    private static final int[] DIGITS = {
        0xb2, 0xb3, 0xb9, 0xb9, 0x1369, 0x1371, 0x19da, 0x19da, 0x2070, 0x2070, 0x2074, 0x2079,
        0x2080, 0x2089, 0x2460, 0x2468, 0x2474, 0x247c, 0x2488, 0x2490, 0x24ea, 0x24ea, 0x24f5,
        0x24fd, 0x24ff, 0x24ff, 0x2776, 0x277e, 0x2780, 0x2788, 0x278a, 0x2792, 0x10a40, 0x10a43,
        0x10e60, 0x10e68, 0x11052, 0x1105a, 0x1f100, 0x1f10a
    };

    /// Python's `isdigit`: decimal digits, and `²` or `①`.
    static boolean isDigit(int c) {
        boolean digit = Character.isDigit(c);
        for (int i = 0; !digit && i < DIGITS.length; i += 2) {
            digit = DIGITS[i] <= c && c <= DIGITS[i + 1];
        }
        return digit;
    }

    static boolean isNumeric(int c) {
        return switch (Character.getType(c)) {
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER ->
                    true;
            default -> false;
        };
    }

    static boolean isLetterOrNumber(int c) {
        return Character.isLetter(c) || isNumeric(c);
    }

    static String strip(String text, boolean left, boolean right) {
        int start = 0;
        int end = text.length();
        while (left && start < end && isSpace(text.charAt(start))) {
            start++;
        }
        while (right && start < end && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    /// Strips the characters of a set.
    static String strip(String text, String set, boolean left, boolean right, Budget budget) {
        budget.each((long) text.length() + set.length());
        BitSet strips = new BitSet();
        set.codePoints().forEach(strips::set);
        int start = 0;
        int end = text.length();
        while (left && start < end && strips.get(text.codePointAt(start))) {
            start += Character.charCount(text.codePointAt(start));
        }
        while (right && start < end && strips.get(text.codePointBefore(end))) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(start, end);
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.offsetByCodePoints(0, 1);
        return titled(text.codePointAt(0)) + lower(text.substring(first));
    }

    /// {@return a character as a word in a title begins with it: `ǅ` for `ǆ`, `Ss` for `ß`}
    static String titled(int c) {
        String upper = upper(Character.toString(c));
        int first = upper.offsetByCodePoints(0, 1);
        return first == upper.length()
                ? Character.toString(Character.toTitleCase(c))
                : upper.substring(0, first) + lower(upper.substring(first));
    }

    /// {@return the text in the form in which texts that differ in case alone are equal}
    static String folded(String text) {
        StringBuilder folded = new StringBuilder();
        text.codePoints()
                .forEach(c ->
                        (c == 'ı' ? "ı" : upper(Character.toString(c)))
                                .codePoints()
                                .mapToObj(u -> lower(Character.toString(u)))
                                .forEach(folded::append));
        return folded.toString();
    }

    /// {@return whether some characters have a case, and all that do have this one}
    static boolean cased(String text, boolean upper, Budget budget) {
        budget.each(text.length());
        boolean any = false;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            if (upper ? Character.isLowerCase(c) : Character.isUpperCase(c)) {
                return false;
            }
            if (Character.isTitleCase(c)) {
                return false;
            }
            any |= upper ? Character.isUpperCase(c) : Character.isLowerCase(c);
        }
        return any;
    }

    static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    static String replace(String text, String old, String by, long count, Budget budget) {
        Text result = new Text(budget);
        long left = count < 0 ? Long.MAX_VALUE : count;
        if (old.isEmpty()) {
            return interleave(text, by, left, result);
        }
        Search search = Search.of(old, text.length(), budget);
        int from = 0;
        while (left-- > 0) {
            int at = search.first(text, from);
            if (at < 0) {
                break;
            }
            result.append(text.substring(from, at)).append(by);
            from = at + old.length();
        }
        return result.append(text.substring(from)).toString();
    }

    private static String interleave(String text, String by, long count, Text result) {
        long left = count;
        int at = 0;
        while (at < text.length() && left-- > 0) {
            int next = text.offsetByCodePoints(at, 1);
            result.append(by).append(text.substring(at, next));
            at = next;
        }
        result.append(text.substring(at));
        return left > 0 ? result.append(by).toString() : result.toString();
    }
}
