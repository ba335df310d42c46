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

    @Test
    void anyCutGivesWhatTheWholeTextGives() {
        var random = new SplittableRandom(1);
        for (int round = 0; round < 2000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 12; i++) {
                text.append((char) ('a' + random.nextInt(2)));
            }
            List<String> stops = List.of("abab", "bba");
            int at = -1;
            for (String stop : stops) {
                int found = text.indexOf(stop);
                at = found >= 0 && (at < 0 || found < at) ? found : at;
            }
            var pieces = new ArrayList<String>();
            for (int i = 0; i < text.length(); ) {
                int end = Math.min(text.length(), i + 1 + random.nextInt(4));
                pieces.add(text.substring(i, end));
                i = end;
            }
            // A piece may hold the end of one stop string and all of another that began later; the
            // text before the one that is complete first counts.
            String got = run(stops, pieces);
            if (at < 0) {
                assertThat(got).isEqualTo(text.toString());
            } else {
                assertThat(got).endsWith("|");
                assertThat(text.toString()).startsWith(got.substring(0, got.length() - 1));
            }
        }
    }
}
