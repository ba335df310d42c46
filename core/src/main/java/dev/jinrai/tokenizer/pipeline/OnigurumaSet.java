package dev.jinrai.tokenizer.pipeline;

import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Sets of characters as Oniguruma writes them, `\w`, `\p{Han}`, `[^a-z&&[:alpha:]]`, in the words of the JDK, which knows
/// the classes of Unicode too.
///
/// ```
/// Oniguruma            the JDK
/// \h                   [0-9a-fA-F]
/// \p{Han} [[:punct:]]  \p{IsHAN} [\p{P}\p{S}]
/// ```
/// What is not known is an error, never passed on: the same letter may mean something else there.
///
/// Source: `doc/RE` and `doc/SYNTAX.md` of Oniguruma 6.9.
final class OnigurumaSet {
    private static final String DIGITS = "0123456789abcdefABCDEF";
    private static final int DEEPEST = 100;

    private final PatternSource source;
    private int depth;

    OnigurumaSet(PatternSource source) {
        this.source = source;
    }

    /// What an escape stands for: one character, or the members of a set in the JDK's words.
    record Escape(int character, String members) {
        boolean isCharacter() {
            return character >= 0;
        }
    }

    /// {@return the members of a set in the JDK's words}
    static IntPredicate members(String jdk) {
        Predicate<String> one =
                Pattern.compile(jdk, Pattern.UNICODE_CHARACTER_CLASS).asMatchPredicate();
        return c -> one.test(Character.toString(c));
    }

    /// Reads what follows a backslash and is a character or a set.
    Escape escape() {
        int c = source.next();
        return switch (c) {
            case 'w', 'W' -> set(UnicodeProperty.word(c == 'W'));
            case 's', 'S', 'd', 'D' -> set("\\" + (char) c);
            case 'h' -> set("[0-9a-fA-F]");
            case 'H' -> set("[^0-9a-fA-F]");
            case 'p', 'P' -> {
                source.expect("{");
                String name = source.until("}");
                boolean not = name.startsWith("^");
                yield set(UnicodeProperty.of(not ? name.substring(1) : name, (c == 'P') != not));
            }
            case 't' -> character('\t');
            case 'n' -> character('\n');
            case 'r' -> character('\r');
            case 'f' -> character('\f');
            case 'v' -> character(0xB);
            case 'a' -> character(0x7);
            case 'e' -> character(0x1B);
            case 'u' -> character(number(4, 4));
            case 'x' -> {
                if (source.skip("{")) {
                    int code = number(1, 8);
                    source.expect("}");
                    yield character(code);
                }
                int code = number(1, 2);
                if (code > 0x7F) {
                    throw source.wrong("a byte beyond ASCII is no character");
                }
                yield character(code);
            }
            default -> {
                if (c < 0x80 && Character.isLetterOrDigit(c)) {
                    throw source.wrong("'\\%c' is not known".formatted(c));
                }
                yield character(c);
            }
        };
    }

    private static Escape set(String members) {
        return new Escape(-1, members);
    }

    private static Escape character(int c) {
        return new Escape(c, "\\x{%X}".formatted(c));
    }

    private int number(int least, int most) {
        String digits = source.run(DIGITS, most);
        if (digits.length() < least) {
            throw source.wrong(
                    "a character's number of %d hexadecimal digits".formatted(digits.length()));
        }
        long code = Long.parseLong(digits, 16);
        if (code > Character.MAX_CODE_POINT) {
            throw source.wrong("U+%X is no character".formatted(code));
        }
        return (int) code;
    }

    /// {@return a set whose bracket is behind, and the `^` if it has one: its members}
    String inBrackets() {
        if (++depth > DEEPEST) {
            throw source.wrong("its sets lie too deep");
        }
        StringBuilder out = new StringBuilder("[");
        if (source.comes("]") && source.comesLater("]", 1)) {
            source.next();
            out.append("\\]");
        }
        while (!source.skip("]")) {
            if (source.comes("[:") && source.comesLater(":]", 2)) {
                source.skip("[:");
                String name = source.until(":]");
                boolean not = name.startsWith("^");
                out.append(UnicodeProperty.posix(not ? name.substring(1) : name, not));
            } else if (source.skip("[^")) {
                out.append("[^").append(inBrackets()).append(']');
            } else if (source.skip("[")) {
                out.append(inBrackets());
            } else if (source.skip("&&")) {
                out.append("&&");
            } else if (source.skip("\\")) {
                out.append(escapeInBrackets());
            } else {
                int c = source.next();
                out.append(c < 0x80 && !Character.isLetterOrDigit(c) && c != '-' ? "\\" : "")
                        .appendCodePoint(c);
            }
        }
        depth--;
        return out.append(']').toString();
    }

    private String escapeInBrackets() {
        if (source.skip("b")) {
            return "\\x08";
        }
        if (source.comes("w") || source.comes("W")) {
            return UnicodeProperty.wordInSet(source.next() == 'W');
        }
        return escape().members();
    }
}
