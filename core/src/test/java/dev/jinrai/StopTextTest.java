package dev.jinrai;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
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
            List<String> stops = List.of("abab", "bba", "ba", "babab");
            var pieces = new ArrayList<String>();
            for (int i = 0; i < text.length(); ) {
                int end = Math.min(text.length(), i + 1 + random.nextInt(4));
                pieces.add(text.substring(i, end));
                i = end;
            }
            assertThat(run(stops, pieces))
                    .as("%s as %s", text, pieces)
                    .isEqualTo(first(stops, text));
        }
    }

    /// {@return what is in front of the stop string that is complete first, found by looking at every
    /// beginning of the text}
    private static String first(List<String> stops, CharSequence text) {
        for (int end = 0; end <= text.length(); end++) {
            String beginning = text.subSequence(0, end).toString();
            var longest =
                    stops.stream()
                            .filter(beginning::endsWith)
                            .max(Comparator.comparingInt(String::length));
            if (longest.isPresent()) {
                return beginning.substring(0, end - longest.get().length()) + "|";
            }
        }
        return text.toString();
    }

    @Test
    void stopsOverManyTokensAndBetweenTheBytesOfCharacters() {
        // A token that holds some bytes of a character has no text; the last of them has it all.
        assertThat(run(List.of("é😀!"), List.of("x", "é", "", "", "", "😀", "!", "y")))
                .isEqualTo("x|");
        assertThat(run(List.of("é😀!"), List.of("x", "é", "", "", "", "😀", "?", "y")))
                .isEqualTo("xé😀?y");
        assertThat(run(List.of("\n\nUser:"), List.of("Hi", "\n", "", "\n", "Us", "er", ":", " x")))
                .isEqualTo("Hi|");
        assertThat(run(List.of("aaab"), List.of("a", "a", "a", "a", "a", "b"))).isEqualTo("aa|");
        assertThat(run(List.of("ab", "abc"), List.of("a", "bc"))).isEqualTo("|");
    }
}
