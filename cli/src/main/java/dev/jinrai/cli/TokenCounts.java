package dev.jinrai.cli;

import java.util.ArrayList;
import java.util.List;

/// Numbers of tokens on the command line: `128,512`.
final class TokenCounts {
    private static final int MOST = 1 << 24;

    private TokenCounts() {}

    /// {@return the numbers that commas part, each 0 or more}
    ///
    /// @param option for the message
    static List<Integer> parse(String option, String text) {
        List<Integer> counts = new ArrayList<>();
        for (String word : text.split(",", -1)) {
            counts.add(count(option, word.strip()));
        }
        return counts;
    }

    private static int count(String option, String word) {
        try {
            int count = Integer.parseInt(word);
            if (count >= 0 && count <= MOST) {
                return count;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new UsageException(
                "%s: wanted numbers from 0 to %d such as 128,512, got '%s'"
                        .formatted(option, MOST, word));
    }
}
