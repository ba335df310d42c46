package dev.jinrai.tokenizer.pipeline;

/// A pattern's source and the place that is read next. Mutable.
final class PatternSource {
    private final String text;
    private int at;

    PatternSource(String text) {
        this.text = text;
    }

    boolean atEnd() {
        return at == text.length();
    }

    /// {@return the next character, which is then behind}
    int next() {
        if (atEnd()) {
            throw wrong("it ends too early");
        }
        int c = text.codePointAt(at);
        at += Character.charCount(c);
        return c;
    }

    /// {@return whether this comes next; it is then behind}
    boolean skip(String wanted) {
        boolean there = text.startsWith(wanted, at);
        at += there ? wanted.length() : 0;
        return there;
    }

    boolean comes(String wanted) {
        return text.startsWith(wanted, at);
    }

    /// {@return whether this comes anywhere later}
    boolean comesLater(String wanted, int skipped) {
        return text.indexOf(wanted, at + skipped) >= 0;
    }

    void expect(String wanted) {
        if (!skip(wanted)) {
            throw wrong("a '%s' is missing".formatted(wanted));
        }
    }

    /// {@return what comes before this, which is then behind too}
    String until(String end) {
        int to = text.indexOf(end, at);
        if (to < 0) {
            throw wrong("a '%s' is missing".formatted(end));
        }
        String before = text.substring(at, to);
        at = to + end.length();
        return before;
    }

    /// {@return how many of these characters come next, at most `most`; they are then behind}
    String run(String characters, int most) {
        int start = at;
        while (at < text.length()
                && at - start < most
                && characters.indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return text.substring(start, at);
    }

    int place() {
        return at;
    }

    void back(int place) {
        at = place;
    }

    IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(what + ", before character " + (at + 1));
    }
}
