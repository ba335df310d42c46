package dev.jinrai.jinja;

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

    static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /// Python's white space, which `strip` and `split` mean.
    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
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
    static String strip(String text, String set, boolean left, boolean right) {
        int start = 0;
        int end = text.length();
        while (left && start < end && set.indexOf(text.codePointAt(start)) >= 0) {
            start += Character.charCount(text.codePointAt(start));
        }
        while (right && start < end && set.indexOf(text.codePointBefore(end)) >= 0) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(start, end);
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.offsetByCodePoints(0, 1);
        return upper(text.substring(0, first)) + lower(text.substring(first));
    }

    static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    static String replace(String text, String old, String by, long count, Budget budget) {
        budget.search(text, old);
        Text result = new Text(budget);
        long left = count < 0 ? Long.MAX_VALUE : count;
        if (old.isEmpty()) {
            return interleave(text, by, left, result);
        }
        int from = 0;
        while (left-- > 0) {
            int at = text.indexOf(old, from);
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
