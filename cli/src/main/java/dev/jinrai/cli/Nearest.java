package dev.jinrai.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// What somebody who mistyped a name may have meant.
final class Nearest {
    private Nearest() {}

    /// {@return the candidate with the fewest changes to `name`, if they are few: a third of its
    /// characters}
    static Optional<String> to(String name, Collection<String> candidates) {
        return candidates.stream()
                .filter(candidate -> 3 * distance(name, candidate) <= name.length())
                .min(Comparator.comparingInt(candidate -> distance(name, candidate)));
    }

    /// {@return how many characters to insert, delete or replace (Levenshtein 1966)}
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1]; // row[j] from a's first i characters to b's first j
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replace, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
