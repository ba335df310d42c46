package dev.jinrai.jinja;

/// Finds a piece of text in time that is linear in both (Knuth, Morris and Pratt 1977): a stranger
/// chooses them, and `String.indexOf` takes their product.
final class Search {
    /// Up to here the JDK's search is fast enough whatever the text.
    private static final int SHORT = 16;

    private final String pattern;
    private final int[] borders;

    private Search(String pattern, Budget budget) {
        this.pattern = pattern;
        if (pattern.length() <= SHORT) {
            borders = new int[0];
            return;
        }
        budget.characters(2L * pattern.length());
        borders = new int[pattern.length()];
        int border = 0;
        for (int i = 1; i < borders.length; i++) {
            while (border > 0 && pattern.charAt(i) != pattern.charAt(border)) {
                border = borders[border - 1];
            }
            border += pattern.charAt(i) == pattern.charAt(border) ? 1 : 0;
            borders[i] = border;
        }
    }

    /// {@return what searches for `pattern` in a text of `length` characters, which is paid for}
    static Search of(String pattern, int length, Budget budget) {
        budget.each((long) length + pattern.length());
        return new Search(pattern, budget);
    }

    /// {@return the first place at or behind `from`, or -1}
    int first(String text, int from) {
        if (pattern.length() <= SHORT) {
            return text.indexOf(pattern, from);
        }
        int matched = 0;
        for (int i = from; i < text.length(); i++) {
            while (matched > 0 && text.charAt(i) != pattern.charAt(matched)) {
                matched = borders[matched - 1];
            }
            matched += text.charAt(i) == pattern.charAt(matched) ? 1 : 0;
            if (matched == pattern.length()) {
                return i + 1 - matched;
            }
        }
        return -1;
    }

    static int first(String text, String pattern, Budget budget) {
        return pattern.length() > text.length()
                ? -1
                : of(pattern, text.length(), budget).first(text, 0);
    }

    /// {@return the last place, or -1}
    static int last(String text, String pattern, Budget budget) {
        if (pattern.length() > text.length()) {
            return -1;
        }
        if (pattern.length() <= SHORT) {
            budget.each(text.length());
            return text.lastIndexOf(pattern);
        }
        budget.characters((long) text.length() + pattern.length());
        String backwards = reversed(text);
        int at = of(pattern, text.length(), budget).reverse(budget).first(backwards, 0);
        return at < 0 ? -1 : text.length() - at - pattern.length();
    }

    private Search reverse(Budget budget) {
        return new Search(reversed(pattern), budget);
    }

    /// Unit by unit: `StringBuilder.reverse` keeps surrogates together.
    static String reversed(String text) {
        char[] units = new char[text.length()];
        for (int i = 0; i < units.length; i++) {
            units[i] = text.charAt(units.length - 1 - i);
        }
        return new String(units);
    }
}
