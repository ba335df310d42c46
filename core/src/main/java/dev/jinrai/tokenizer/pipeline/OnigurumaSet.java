package dev.jinrai.tokenizer.pipeline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Sets of characters as Oniguruma writes them, `\w`, `\p{Han}`, `[^a-z&&[:alpha:]]`. Classes of Unicode are asked for in the
/// words of the JDK, which knows them too.
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
    private final Map<String, CharacterSet> known = new HashMap<>();
    private int depth;

    OnigurumaSet(PatternSource source) {
        this.source = source;
    }

    /// What an escape stands for: one character, −1 if it is a set of several, and the members.
    record Escape(int character, CharacterSet members) {
        boolean isCharacter() {
            return character >= 0;
        }
    }

    /// {@return a class in the JDK's words}
    static CharacterSet named(String jdk) {
        Predicate<String> one =
                Pattern.compile(jdk, Pattern.UNICODE_CHARACTER_CLASS).asMatchPredicate();
        return new CharacterSet(c -> one.test(Character.toString(c)));
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

    private Escape set(String jdk) {
        return new Escape(-1, known(jdk));
    }

    private CharacterSet known(String jdk) {
        return known.computeIfAbsent(jdk, OnigurumaSet::named);
    }

    private static Escape character(int c) {
        return new Escape(c, CharacterSet.of(c));
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
    CharacterSet inBrackets() {
        if (++depth > DEEPEST) {
            throw source.wrong("its sets lie too deep");
        }
        List<CharacterSet> all = new ArrayList<>(); // what && joins
        List<CharacterSet> sum = new ArrayList<>();
        boolean empty = true;
        if (source.comes("]") && source.comesLater("]", 1)) {
            source.next();
            sum.add(from(']'));
            empty = false;
        }
        for (; !source.skip("]"); empty = false) {
            if (source.skip("&&")) {
                all.add(CharacterSet.union(sum));
                sum.clear();
            } else {
                sum.add(member());
            }
        }
        if (empty) {
            throw source.wrong("a set without members");
        }
        depth--;
        all.add(CharacterSet.union(sum));
        return all.size() == 1 ? all.getFirst() : CharacterSet.intersection(all);
    }

    private CharacterSet member() {
        CharacterSet members;
        if (source.comes("[:") && source.comesLater(":]", 2)) {
            source.skip("[:");
            String name = source.until(":]");
            boolean not = name.startsWith("^");
            members = known(UnicodeProperty.posix(not ? name.substring(1) : name, not));
        } else if (source.skip("[^")) {
            return inBrackets().negated();
        } else if (source.skip("[")) {
            return inBrackets();
        } else {
            Escape one = oneInBrackets();
            if (one.isCharacter()) {
                return from(one.character());
            }
            members = one.members();
        }
        if (isRange()) {
            throw source.wrong("a range that begins with a class");
        }
        return members;
    }

    /// A character, or the range that it begins.
    private CharacterSet from(int first) {
        if (!isRange()) {
            return CharacterSet.of(first);
        }
        source.next();
        int last = source.comes("[") ? -1 : oneInBrackets().character();
        if (last < 0) {
            throw source.wrong("a range that ends with a class");
        }
        if (first > last) {
            throw source.wrong("a range without members");
        }
        return CharacterSet.between(first, last);
    }

    /// A sign that nothing follows in its set is itself.
    private boolean isRange() {
        return source.comes("-") && !source.comes("-]") && !source.comes("-&&");
    }

    private Escape oneInBrackets() {
        if (!source.skip("\\")) {
            return character(source.next());
        }
        if (source.skip("b")) {
            return character(0x8);
        }
        if (source.comes("w") || source.comes("W")) {
            return set(UnicodeProperty.wordInSet(source.next() == 'W'));
        }
        return escape();
    }
}
