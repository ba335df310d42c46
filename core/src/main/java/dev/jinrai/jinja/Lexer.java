package dev.jinrai.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Source to tokens, with `trim_blocks` (the line break behind a tag is dropped) and `lstrip_blocks`
/// (so is the white space between the start of a line and a tag), as chat templates are meant.
///
/// A `-` inside a delimiter strips all white space on its side, a `+` keeps it.
final class Lexer {
    private static final Pattern RAW = Pattern.compile("\\{%([-+]?)\\s*raw\\s*(-?)%\\}");
    private static final Pattern ENDRAW = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%\\}");
    private static final List<String> OPERATORS =
            List.of(
                    "//", "**", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", "<", ">", "=",
                    ".", ":", ",", ";", "|", "(", ")", "[", "]", "{", "}");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private boolean lineStart = true;

    private Lexer(String source) {
        this.source = source;
    }

    /// {@return the source as the lexer counts it: line breaks are `\n`, and the last one is gone}
    static String normalize(String source) {
        String lines = source.replace("\r\n", "\n").replace('\r', '\n');
        return lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
    }

    /// {@return the tokens of a normalized source}
    static List<Token> tokens(String source) {
        Lexer lexer = new Lexer(source);
        lexer.template();
        return lexer.tokens;
    }

    private void template() {
        while (at < source.length()) {
            int open = nextDelimiter();
            if (open < 0) {
                text(source.substring(at), at);
                at = source.length();
                break;
            }
            char kind = source.charAt(open + 1);
            Matcher raw = RAW.matcher(source).region(open, source.length());
            if (kind == '%' && raw.lookingAt()) {
                raw(open, raw);
                continue;
            }
            char sign = open + 2 < source.length() ? source.charAt(open + 2) : ' ';
            text(before(open, sign, kind != '{'), at);
            at = open + (sign == '-' || sign == '+' ? 3 : 2);
            if (kind == '#') {
                comment(open);
            } else {
                code(open, kind == '{');
            }
        }
        tokens.add(new Token(Token.Kind.END, "", source.length()));
    }

    private int nextDelimiter() {
        int open = source.indexOf('{', at);
        while (open >= 0) {
            char next = open + 1 < source.length() ? source.charAt(open + 1) : ' ';
            if (next == '%' || next == '{' || next == '#') {
                return open;
            }
            open = source.indexOf('{', open + 1);
        }
        return -1;
    }

    private void text(String text, int place) {
        if (!text.isEmpty()) {
            tokens.add(new Token(Token.Kind.TEXT, text, place));
        }
    }

    /// The text between here and a delimiter, without the white space that the delimiter strips.
    private String before(int open, char sign, boolean tag) {
        String text = source.substring(at, open);
        if (sign == '-') {
            return Texts.strip(text, false, true);
        }
        int line = text.lastIndexOf('\n') + 1;
        boolean blank = Texts.strip(text.substring(line), true, false).isEmpty();
        return tag && sign != '+' && blank && (line > 0 || lineStart)
                ? text.substring(0, line)
                : text;
    }

    private void raw(int open, Matcher begin) {
        char sign = begin.group(1).isEmpty() ? ' ' : begin.group(1).charAt(0);
        text(before(open, sign, true), at);
        at = begin.end();
        lineStart = false;
        if (!begin.group(2).isEmpty()) {
            skipSpace();
        }
        Matcher end = ENDRAW.matcher(source);
        if (!end.find(at)) {
            throw fail(open, "'raw' is not ended by 'endraw'");
        }
        char endSign = end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0);
        text(before(end.start(), endSign, true), at);
        at = end.end();
        afterTag(end.group(2));
    }

    private void comment(int open) {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw fail(open, "the comment is not ended by '#}'");
        }
        String sign = end > at ? source.substring(end - 1, end) : "";
        at = end + 2;
        afterTag(sign);
    }

    /// What `trim_blocks` or a sign does behind a tag.
    private void afterTag(String sign) {
        if (sign.equals("-")) {
            skipSpace();
        } else if (!sign.equals("+") && at < source.length() && source.charAt(at) == '\n') {
            at++;
        }
        lineStart = at > 0 && source.charAt(at - 1) == '\n';
    }

    private void skipSpace() {
        while (at < source.length() && Texts.isSpace(source.charAt(at))) {
            at++;
        }
        lineStart = source.charAt(at - 1) == '\n';
    }

    private void code(int open, boolean print) {
        tokens.add(new Token(print ? Token.Kind.PRINT : Token.Kind.TAG, print ? "{{" : "{%", open));
        Deque<Character> brackets = new ArrayDeque<>();
        while (true) {
            while (at < source.length() && Texts.isSpace(source.charAt(at))) {
                at++;
            }
            if (at >= source.length()) {
                throw fail(open, "'%s' is not closed".formatted(print ? "{{" : "{%"));
            }
            if (brackets.isEmpty() && end(print)) {
                return;
            }
            token(brackets);
        }
    }

    private boolean end(boolean print) {
        String close = print ? "}}" : "%}";
        char c = source.charAt(at);
        boolean signed = c == '-' || (c == '+' && !print);
        int start = signed ? at + 1 : at;
        if (!source.startsWith(close, start)) {
            return false;
        }
        tokens.add(new Token(print ? Token.Kind.PRINT_END : Token.Kind.TAG_END, close, at));
        at = start + 2;
        if (!print) {
            afterTag(signed ? String.valueOf(c) : "");
        } else {
            lineStart = false;
            if (signed) {
                skipSpace();
            }
        }
        return true;
    }

    private void token(Deque<Character> brackets) {
        char c = source.charAt(at);
        if (c == '"' || c == '\'') {
            string(c);
        } else if (digit(at, 10)) {
            number();
        } else if (c == '_' || Character.isUnicodeIdentifierStart(source.codePointAt(at))) {
            name();
        } else {
            operator(brackets);
        }
    }

    private void string(char quote) {
        int start = at;
        int end = at + 1;
        while (end < source.length() && source.charAt(end) != quote) {
            end += source.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= source.length()) {
            throw fail(start, "the string is not closed by " + quote);
        }
        String text = text(start, end);
        tokens.add(new Token(Token.Kind.STRING, text, start));
        at = end + 1;
    }

    private String text(int start, int end) {
        try {
            return Escapes.read(source.substring(start + 1, end));
        } catch (Problem e) {
            throw fail(start, String.valueOf(e.getMessage()));
        }
    }

    /// `12`, `1_000`, `0x1f`, `1.5e3`; behind a dot an index, `a.0.1`.
    private void number() {
        int end = digits(at, 10);
        boolean behindDot = at > 0 && source.charAt(at - 1) == '.';
        int real = behindDot ? end : exponent(fraction(end));
        boolean isReal = real > end;
        if (isReal) {
            end = real;
        } else if (source.charAt(at) == '0') {
            end = fromZero(end);
        }
        String digits = source.substring(at, end).replace("_", "");
        tokens.add(new Token(isReal ? Token.Kind.FLOAT : Token.Kind.INTEGER, digits, at));
        at = end;
    }

    private int fromZero(int end) {
        int radix =
                switch (end < source.length() ? source.charAt(end) : ' ') {
                    case 'b', 'B' -> 2;
                    case 'o', 'O' -> 8;
                    case 'x', 'X' -> 16;
                    default -> 10;
                };
        if (end == at + 1 && radix != 10) {
            int first = end + (end + 1 < source.length() && source.charAt(end + 1) == '_' ? 2 : 1);
            int last = digits(first, radix);
            return last > first ? last : end;
        }
        int zeros = at + 1;
        while (zeros < end && "_0".indexOf(source.charAt(zeros)) >= 0) {
            zeros++;
        }
        return source.charAt(zeros - 1) == '_' ? zeros - 1 : zeros;
    }

    private int fraction(int from) {
        boolean dot = from < source.length() && source.charAt(from) == '.';
        return dot && digit(from + 1, 10) ? digits(from + 1, 10) : from;
    }

    private int exponent(int from) {
        if (from >= source.length() || "eE".indexOf(source.charAt(from)) < 0) {
            return from;
        }
        int sign = from + 1;
        boolean signed = sign < source.length() && "+-".indexOf(source.charAt(sign)) >= 0;
        int first = signed ? sign + 1 : sign;
        int end = digits(first, 10);
        return end > first ? end : from;
    }

    /// The end of digits with single underscores between them.
    private int digits(int from, int radix) {
        int end = from;
        while (digit(end, radix)
                || (end > from
                        && end < source.length()
                        && source.charAt(end) == '_'
                        && digit(end + 1, radix))) {
            end++;
        }
        return end;
    }

    private boolean digit(int place, int radix) {
        return place < source.length()
                && source.charAt(place) < 128
                && Character.digit(source.charAt(place), radix) >= 0;
    }

    private void name() {
        int end = at;
        while (end < source.length()
                && (source.charAt(end) == '_'
                        || Character.isUnicodeIdentifierPart(source.codePointAt(end)))) {
            end += Character.charCount(source.codePointAt(end));
        }
        tokens.add(new Token(Token.Kind.NAME, source.substring(at, end), at));
        at = end;
    }

    private void operator(Deque<Character> brackets) {
        String operator =
                OPERATORS.stream()
                        .filter(o -> source.startsWith(o, at))
                        .findFirst()
                        .orElseThrow(() ->
                                fail(at, "unexpected '%c'".formatted(source.codePointAt(at))));
        char c = operator.charAt(0);
        if (c == '(' || c == '[' || c == '{') {
            brackets.push(c == '(' ? ')' : c == '[' ? ']' : '}');
        } else if (c == ')' || c == ']' || c == '}') {
            if (brackets.isEmpty() || brackets.pop() != c) {
                throw fail(at, "unexpected '%c'".formatted(c));
            }
        }
        tokens.add(new Token(Token.Kind.OPERATOR, operator, at));
        at += operator.length();
    }

    private TemplateException fail(int offset, String what) {
        return TemplateException.at(source, offset, what);
    }
}
