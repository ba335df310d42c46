package dev.jinrai.tokenizer.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/// What Oniguruma's option `(?i)` makes of letters and sets: characters that differ by case alone are the same, and so are
/// one character and the several it stands for.
///
/// ```
/// ss   [sSſ][sSſ]|[ßẞ]         ffi   [fF][fF][iI]|ﬃ, but not ﬀi
/// ß    the same                [ß]   [ßẞ]|[sSſ][sSſ]
/// ```
/// Letters join from left to right, three before two, before anything is matched. `\p{…}` outside of brackets is as it is.
final class AnyCase {
    private AnyCase() {}

    /// Letters, not empty.
    static PatternTree of(String text) {
        int[] letters = text.codePoints().toArray();
        List<PatternTree> parts = new ArrayList<>();
        for (int at = 0; at < letters.length; ) {
            String full = CaseFolding.full(letters[at]);
            int length = 1;
            for (int most = Math.min(3, letters.length - at); most > 1 && full.isEmpty(); most--) {
                String joined = simple(letters, at, most);
                if (!CaseFolding.same(joined).isEmpty()) {
                    full = joined;
                    length = most;
                }
            }
            parts.add(full.isEmpty() ? letter(letters[at]) : several(full));
            at += length;
        }
        return parts.size() == 1 ? parts.getFirst() : new PatternTree.Row(parts);
    }

    /// The letters without their case; empty if one of them stands for several.
    private static String simple(int[] letters, int from, int length) {
        StringBuilder simple = new StringBuilder();
        for (int i = from; i < from + length; i++) {
            if (!CaseFolding.full(letters[i]).isEmpty()) {
                return "";
            }
            simple.appendCodePoint(CaseFolding.simple(letters[i]));
        }
        return simple.toString();
    }

    private static PatternTree letter(int c) {
        return new PatternTree.One(CharacterSet.of(CaseFolding.anyCase(c)));
    }

    private static PatternTree several(String full) {
        int[] same = CaseFolding.same(full).stream().mapToInt(c -> c).toArray();
        return new PatternTree.Either(
                List.of(letters(full), new PatternTree.One(CharacterSet.of(same))));
    }

    private static PatternTree letters(String text) {
        return new PatternTree.Row(text.codePoints().mapToObj(AnyCase::letter).toList());
    }

    /// A set in brackets.
    ///
    /// @param own what the brackets hold, behind a `^` too
    static PatternTree of(CharacterSet own, boolean negated) {
        IntPredicate anyCase = CaseFolding.anyCase(own::contains);
        if (negated) {
            return new PatternTree.One(new CharacterSet(anyCase.negate()));
        }
        List<PatternTree> parts = new ArrayList<>();
        parts.add(new PatternTree.One(new CharacterSet(anyCase)));
        for (Map.Entry<String, List<Integer>> several : CaseFolding.several().entrySet()) {
            if (several.getValue().stream().anyMatch(own::contains)) {
                parts.add(letters(several.getKey()));
            }
        }
        return parts.size() == 1 ? parts.getFirst() : new PatternTree.Either(parts);
    }
}
