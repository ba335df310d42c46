package dev.jinrai.tokenizer.pipeline;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;

/// Regular expressions as Oniguruma reads them, with Ruby's syntax and Unicode, which is what a
/// `tokenizer.json` is written in, for [Pattern].
///
/// ```
/// Oniguruma            here
/// ^ $ .                of lines, and only a line feed ends one
/// (?m)                 (?s)
/// \h                   a hexadecimal digit
/// x{1,3}+  x{2}?       (?:x{1,3})+  (?:x{2})?
/// x{,3}                x{0,3}
/// \p{Han} [[:punct:]]  \p{IsHan} \p{…}
/// ```
/// What is not known is an error, never passed on: the same letter may mean something else there.
///
/// A pattern that begins with a run, `\s+$` for example, and has no alternatives, is tried once a
/// run and not once a character, which is the same and takes linear time: what matches from within
/// a run matches from its beginning.
///
/// Source: `doc/RE` and `doc/SYNTAX.md` of Oniguruma 6.9.
final class Oniguruma {
    private final String source;
    private final StringBuilder out = new StringBuilder();
    private final Deque<Integer> groups = new ArrayDeque<>(); // where each open one begins in `out`
    private int at;
    private int atom = -1; // where what a quantifier repeats begins in `out`; -1: nothing to repeat
    private boolean alternatives; // outside of all groups
    private int firstAtomEnd = -1;
    private boolean firstIsRun;
    private int runEnd;

    private Oniguruma(String source) {
        this.source = source;
    }

    /// @throws IllegalArgumentException if the pattern is wrong, or has what is not known
    static Pattern compile(String source) {
        return Pattern.compile(
                new Oniguruma(source).translate(),
                Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNIX_LINES | Pattern.MULTILINE);
    }

    /// {@return the pattern as the JDK writes it}
    static String translated(String source) {
        return new Oniguruma(source).translate();
    }

    private String translate() {
        while (at < source.length()) {
            int c = source.codePointAt(at);
            at += Character.charCount(c);
            switch (c) {
                case '\\' -> escape();
                case '[' -> {
                    atom = out.length();
                    set();
                    noteFirst(true);
                }
                case '(' -> open();
                case ')' -> {
                    if (groups.isEmpty()) {
                        throw wrong("a ')' without its '('");
                    }
                    out.append(')');
                    atom = groups.pop();
                    noteFirst(false);
                }
                case '|' -> {
                    alternatives |= groups.isEmpty();
                    out.append('|');
                    atom = -1;
                }
                case '*', '+', '?' -> quantifier(Character.toString(c));
                case '{' -> brace();
                case '^', '$' -> {
                    out.append((char) c);
                    atom = -1;
                    noteFirst(false);
                }
                case '.' -> {
                    atom = out.length();
                    out.append('.');
                    noteFirst(true);
                }
                default -> literal(c);
            }
        }
        if (!groups.isEmpty()) {
            throw wrong("a '(' without its ')'");
        }
        boolean once = firstIsRun && !alternatives && runEnd < out.length();
        return once ? "(?:\\G|(?<!" + out.substring(0, firstAtomEnd) + "))" + out : out.toString();
    }

    /// Notes the end of the first thing, if this is it; a run may follow.
    private void noteFirst(boolean oneCharacter) {
        if (firstAtomEnd < 0) {
            firstAtomEnd = oneCharacter && atom == 0 ? out.length() : 0;
        }
    }

    private void literal(int c) {
        atom = out.length();
        if ("]}#&-".indexOf(c) >= 0) {
            out.append('\\');
        }
        out.appendCodePoint(c);
        noteFirst(true);
    }

    private void quantifier(String quantifier) {
        if (atom < 0) {
            throw wrong("'%s' with nothing to repeat".formatted(quantifier));
        }
        boolean first = firstAtomEnd > 0 && out.length() == firstAtomEnd && quantifier.equals("+");
        out.append(quantifier);
        if (at < source.length() && (source.charAt(at) == '?' || source.charAt(at) == '+')) {
            firstIsRun |= first && source.charAt(at) == '+';
            out.append(source.charAt(at++));
        } else {
            firstIsRun |= first;
        }
        if (first) {
            runEnd = out.length();
        }
        wrapRepeated();
    }

    /// What is repeated may be repeated again, as in `(?:x{1,3})+`.
    private void wrapRepeated() {
        boolean again = at < source.length() && "*+?{".indexOf(source.charAt(at)) >= 0;
        if (again) {
            firstIsRun = false;
            out.insert(atom, "(?:").append(')');
        }
    }

    /// `{2}`, `{2,}`, `{,3}`, `{2,3}`; anything else is a brace like others.
    private void brace() {
        int close = source.indexOf('}', at);
        String inner = close < 0 ? "" : source.substring(at, close);
        if (!inner.matches("[0-9]{1,6}(,[0-9]{0,6})?|,[0-9]{1,6}")) {
            atom = out.length();
            out.append("\\{");
            noteFirst(true);
            return;
        }
        if (atom < 0) {
            throw wrong("'{%s}' with nothing to repeat".formatted(inner));
        }
        at = close + 1;
        out.append('{').append(inner.startsWith(",") ? "0" : "").append(inner).append('}');
        boolean lazy = at < source.length() && source.charAt(at) == '?' && inner.contains(",");
        if (lazy) {
            out.append(source.charAt(at++));
        }
        wrapRepeated();
    }

    private void open() {
        groups.push(out.length());
        if (firstAtomEnd < 0) {
            firstAtomEnd = 0;
        }
        atom = -1;
        if (!source.startsWith("?", at)) {
            out.append('(');
            return;
        }
        for (String kind : new String[] {"?:", "?=", "?!", "?>", "?<=", "?<!"}) {
            if (source.startsWith(kind, at)) {
                out.append('(').append(kind);
                at += kind.length();
                return;
            }
        }
        if (source.startsWith("?#", at)) {
            int close = source.indexOf(')', at);
            if (close < 0) {
                throw wrong("a comment without its end");
            }
            groups.pop();
            at = close + 1;
            return;
        }
        if (source.startsWith("?<", at)) {
            int close = source.indexOf('>', at);
            if (close < 0 || !source.substring(at + 2, close).matches("[A-Za-z][A-Za-z0-9]*")) {
                throw wrong("a group whose name is not of letters and digits");
            }
            out.append("(");
            at = close + 1;
            return;
        }
        options();
    }

    /// `(?i)` for what follows, `(?i-m:…)` for a group.
    private void options() {
        int end = at + 1;
        while (end < source.length() && "imx-".indexOf(source.charAt(end)) >= 0) {
            end++;
        }
        char after = end < source.length() ? source.charAt(end) : ' ';
        if (end == at + 1 || (after != ':' && after != ')')) {
            throw wrong("'(%s' is not known".formatted(shown(source.substring(at))));
        }
        String options = source.substring(at, end).replace('m', 's');
        if (options.contains("x")) {
            throw wrong("the option x is not known");
        }
        if (after == ')' && !groups.isEmpty() && groups.size() > 1) {
            throw wrong("options in the middle of a group are not known");
        }
        out.append('(').append(options).append(after);
        at = end + 1;
        if (after == ')') {
            groups.pop();
            if (alternatives || !out.toString().startsWith("(" + options)) {
                throw wrong("options in the middle of a pattern are not known");
            }
        }
    }

    private void escape() {
        if (at == source.length()) {
            throw wrong("a '\\' at the end");
        }
        int start = out.length();
        char c = source.charAt(at);
        switch (c) {
            case 'A', 'b', 'B', 'G', 'z', 'Z' -> {
                at++;
                out.append('\\').append(c);
                atom = -1;
                noteFirst(false);
                return;
            }
            case 'R', 'X' -> {
                at++;
                out.append('\\').append(c);
                atom = start;
                noteFirst(false);
                return;
            }
            default -> out.append(oneOf());
        }
        atom = start;
        noteFirst(true);
    }

    /// {@return what an escape means that is a character or a class, in a set or not; `at` is behind
    /// its backslash}
    private String oneOf() {
        int c = source.codePointAt(at);
        at += Character.charCount(c);
        return switch (c) {
            case 'w', 'W' -> UnicodeProperty.word(c == 'W');
            case 's', 'S', 'd', 'D', 't', 'n', 'r', 'f', 'a', 'e' -> "\\" + (char) c;
            case 'v' -> "\\x0B";
            case 'h' -> "[0-9a-fA-F]";
            case 'H' -> "[^0-9a-fA-F]";
            case 'p', 'P' -> property(c == 'P');
            case 'u' -> hex(4, 4);
            case 'x' -> {
                if (source.startsWith("{", at)) {
                    int close = source.indexOf('}', at);
                    at++;
                    String code = hex(1, Math.max(close - at, 0));
                    expect('}');
                    yield code;
                }
                String code = hex(1, 2);
                if (Integer.parseInt(code, 3, code.length() - 1, 16) > 0x7F) {
                    throw wrong("a byte beyond ASCII is no character");
                }
                yield code;
            }
            default -> {
                if (c < 0x80 && Character.isLetterOrDigit(c)) {
                    throw wrong("'\\%c' is not known".formatted(c));
                }
                yield c < 0x80 ? "\\" + (char) c : Character.toString(c);
            }
        };
    }

    private String hex(int least, int most) {
        int start = at;
        while (at < source.length()
                && at - start < Math.min(most, 8)
                && Character.digit(source.charAt(at), 16) >= 0) {
            at++;
        }
        if (at - start < least || at - start > 8) {
            throw wrong("a character's number of %d hexadecimal digits".formatted(at - start));
        }
        long code = Long.parseLong(source, start, at, 16);
        if (code > Character.MAX_CODE_POINT) {
            throw wrong("U+%X is no character".formatted(code));
        }
        return "\\x{%X}".formatted(code);
    }

    private void expect(char c) {
        if (!source.startsWith(Character.toString(c), at)) {
            throw wrong("a '%c' is missing".formatted(c));
        }
        at++;
    }

    private String property(boolean negated) {
        expect('{');
        int close = source.indexOf('}', at);
        if (close < 0) {
            throw wrong("a '}' is missing");
        }
        String name = source.substring(at, close);
        at = close + 1;
        boolean not = name.startsWith("^");
        return UnicodeProperty.of(not ? name.substring(1) : name, negated != not);
    }

    /// A set in brackets; `at` is behind the first.
    private void set() {
        out.append('[');
        if (source.startsWith("^", at)) {
            out.append('^');
            at++;
        }
        if (source.startsWith("]", at) && source.indexOf(']', at + 1) > 0) {
            out.append("\\]");
            at++;
        }
        while (at < source.length()) {
            int c = source.codePointAt(at);
            if (source.startsWith("[:", at) && source.indexOf(":]", at) > 0) {
                int close = source.indexOf(":]", at);
                String name = source.substring(at + 2, close);
                at = close + 2;
                boolean not = name.startsWith("^");
                out.append(UnicodeProperty.posix(not ? name.substring(1) : name, not));
                continue;
            }
            at += Character.charCount(c);
            switch (c) {
                case ']' -> {
                    out.append(']');
                    return;
                }
                case '[' -> set();
                case '\\' -> {
                    if (at == source.length()) {
                        throw wrong("a '\\' at the end");
                    }
                    if (source.charAt(at) == 'b') {
                        at++;
                        out.append("\\x08");
                    } else if (source.charAt(at) == 'w' || source.charAt(at) == 'W') {
                        out.append(UnicodeProperty.wordInSet(source.charAt(at++) == 'W'));
                    } else {
                        out.append(oneOf());
                    }
                }
                case '&' -> {
                    if (source.startsWith("&", at)) {
                        at++;
                        out.append("&&");
                    } else {
                        out.append("\\&");
                    }
                }
                case '^', '#', ' ' -> out.append('\\').append((char) c);
                default -> out.appendCodePoint(c);
            }
        }
        throw wrong("a '[' without its ']'");
    }

    private static String shown(String text) {
        return text.codePointCount(0, text.length()) > 8
                ? text.substring(0, text.offsetByCodePoints(0, 8)) + "…"
                : text;
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(what + ", before character " + (at + 1));
    }
}
