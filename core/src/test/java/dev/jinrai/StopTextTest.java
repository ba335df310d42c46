package dev.jinrai;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// A stop string ends the text however it is cut into pieces.
class StopTextTest {
    /// {@return the text that comes out before a stop string, `|` where it stopped}
    private static String run(List<String> stops, List<String> pieces) {
        var stop = new StopText(stops);
        StringBuilder out = new StringBuilder();
        for (String piece : pieces) {
            var before = stop.append(piece);
            if (before.isPresent()) {
                return out.append(before.get()).append('|').toString();
            }
            out.append(stop.take());
        }
        return out.append(stop.rest()).toString();
    }

    @Test
    void stopsAcrossTheBordersOfTokens() {
        assertThat(run(List.of("END"), List.of("one E", "N", "D two"))).isEqualTo("one |");
        assertThat(run(List.of("END"), List.of("one E", "N", "E"))).isEqualTo("one ENE");
        assertThat(run(List.of("aab"), List.of("a", "a", "a", "b"))).isEqualTo("a|");
    }

    @Test
    void theFirstOfSeveralStopStringsWins() {
        assertThat(run(List.of("later", "now"), List.of("x now and later"))).isEqualTo("x |");
    }

    @Test
    void nothingWaitsWithoutStopStrings() {
        assertThat(run(List.of(), List.of("a", "b"))).isEqualTo("ab");
    }

    /// Stop strings that overlap, hold each other, or end together: the one that is complete first counts, then the longest.
    @Test
    void anyCutGivesTheSame() {
        var random = new SplittableRandom(1);
        List<List<String>> lists =
                List.of(
                        List.of("abab", "bba"),
                        List.of("abba", "b"),
                        List.of("aabb", "ab"),
                        List.of("ba", "aba", "bb"));
        for (int round = 0; round < 4000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 12; i++) {
                text.append((char) ('a' + random.nextInt(2)));
            }
            var pieces = new ArrayList<String>();
            for (int i = 0; i < text.length(); ) {
                int end = Math.min(text.length(), i + 1 + random.nextInt(4));
                pieces.add(text.substring(i, end));
                i = end;
            }
            List<String> stops = lists.get(round % lists.size());
            assertThat(run(stops, pieces))
                    .as("%s in %s", stops, pieces)
                    .isEqualTo(letterByLetter(stops, text.toString()));
        }
    }

    private static String letterByLetter(List<String> stops, String text) {
        for (int end = 1; end <= text.length(); end++) {
            int longest = 0;
            for (String stop : stops) {
                if (text.substring(0, end).endsWith(stop)) {
                    longest = Math.max(longest, stop.length());
                }
            }
            if (longest > 0) {
                return text.substring(0, end - longest) + "|";
            }
        }
        return text;
    }
}
