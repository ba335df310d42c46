package dev.jinrai;

import java.util.List;
import java.util.Optional;

/// Watches generated text for strings that end it, across the borders of tokens: text that may be
/// the beginning of one waits until it is certain.
final class StopText {
    private final List<String> stops;
    private final StringBuilder waiting = new StringBuilder();

    StopText(List<String> stops) {
        this.stops = List.copyOf(stops);
    }

    /// Takes new text. The stop string that is complete first counts, of those that end together the longest: so it is
    /// the same one however the text was cut.
    ///
    /// @return the text before the stop string, once one has appeared
    Optional<String> append(String text) {
        waiting.append(text);
        int start = -1;
        int end = Integer.MAX_VALUE;
        for (String stop : stops) {
            int at = waiting.indexOf(stop);
            int behind = at + stop.length();
            if (at >= 0 && (behind < end || (behind == end && at < start))) {
                start = at;
                end = behind;
            }
        }
        return start < 0 ? Optional.empty() : Optional.of(waiting.substring(0, start));
    }

    /// {@return the text that no stop string can begin in any more; it is not returned again}
    String take() {
        int certain = waiting.length();
        for (String stop : stops) {
            certain = Math.min(certain, waiting.length() - overlap(stop));
        }
        String text = waiting.substring(0, certain);
        waiting.delete(0, certain);
        return text;
    }

    /// {@return what still waits, when no more text comes}
    String rest() {
        String text = waiting.toString();
        waiting.setLength(0);
        return text;
    }

    /// {@return how many characters at the end may be the beginning of `stop`}
    private int overlap(String stop) {
        for (int n = Math.min(stop.length() - 1, waiting.length()); n > 0; n--) {
            if (waiting.substring(waiting.length() - n).equals(stop.substring(0, n))) {
                return n;
            }
        }
        return 0;
    }
}
