package dev.jinrai.tokenizer.pipeline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.Stream;

/// Which characters are the same but for their case, and which are the same as several: ß is `ss`, ﬃ is `ffi`.
///
/// Source: `CaseFolding.txt` of the Unicode Character Database, its entries C and S ([#simple]) and F ([#full]), found out
/// from the JDK's tables.
final class CaseFolding {
    private static final int CAPITAL_I_WITH_DOT = 0x130;
    private static final int DOTLESS_I = 0x131;
    private static final int LAST_CASED = 0x20000; // beyond are ideographs

    private static final Map<Integer, List<Integer>> BY_SIMPLE = new HashMap<>();
    private static final Map<String, List<Integer>> BY_FULL = new HashMap<>();

    static {
        for (int c = 0; c < LAST_CASED; c++) {
            if (simple(c) != c) {
                BY_SIMPLE.computeIfAbsent(simple(c), _ -> new ArrayList<>()).add(c);
            }
            String full = full(c);
            if (!full.isEmpty()) {
                BY_FULL.computeIfAbsent(full, _ -> new ArrayList<>()).add(c);
            }
        }
    }

    private CaseFolding() {}

    /// {@return the one character that stands for all that differ by case alone}
    static int simple(int c) {
        return c == CAPITAL_I_WITH_DOT || c == DOTLESS_I
                ? c
                : Character.toLowerCase(Character.toUpperCase(c));
    }

    /// {@return the several characters that this one is the same as, empty if there are none}
    static String full(int c) {
        boolean cased =
                switch (Character.getType(c)) {
                    case Character.LOWERCASE_LETTER,
                            Character.UPPERCASE_LETTER,
                            Character.TITLECASE_LETTER ->
                            c >= 0x80;
                    default -> false;
                };
        if (!cased) {
            return "";
        }
        String small = Character.toString(c).toLowerCase(Locale.ROOT);
        String folded = small.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
        if (c == CAPITAL_I_WITH_DOT) {
            folded = small;
        }
        return folded.codePointCount(0, folded.length()) > 1 ? folded.replace('ς', 'σ') : "";
    }

    /// {@return the characters that are the same as these several}
    ///
    /// @param folded each of them [#simple]
    static List<Integer> same(String folded) {
        return BY_FULL.getOrDefault(folded, List.of());
    }

    /// The texts that one character may stand for.
    static Map<String, List<Integer>> several() {
        return BY_FULL;
    }

    /// {@return the characters that differ from this one by case alone, or are the same several, and itself}
    static int[] anyCase(int character) {
        IntPredicate same = anyCase((IntPredicate) c -> c == character);
        return Stream.of(
                        List.of(character, simple(character)),
                        BY_SIMPLE.getOrDefault(character, List.<Integer>of()),
                        BY_SIMPLE.getOrDefault(simple(character), List.<Integer>of()),
                        same(full(character)))
                .flatMap(List::stream)
                .mapToInt(c -> c)
                .distinct()
                .filter(same)
                .toArray();
    }

    /// Whether a character is one of these, or differs from one by case alone, or is the same several as one.
    static IntPredicate anyCase(IntPredicate characters) {
        return c -> {
            if (characters.test(c)) {
                return true;
            }
            int simple = simple(c);
            if (characters.test(simple)) {
                return true;
            }
            for (int other : BY_SIMPLE.getOrDefault(simple, List.of())) {
                if (characters.test(other)) {
                    return true;
                }
            }
            for (int other : same(full(c))) {
                if (characters.test(other)) {
                    return true;
                }
            }
            return false;
        };
    }
}
