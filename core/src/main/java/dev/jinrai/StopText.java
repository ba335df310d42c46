package dev.jinrai;

import java.util.List;
import java.util.Optional;

/// Watches generated text for strings that end it, across the borders of tokens: text that may be
/// the beginning of one waits until it is certain.
///
/// Of several the first that is complete counts, and of those that end together the longest: so how the
/// text is cut into tokens does not matter.
final class StopText {
    private final List<String> stops;
    private final StringBuilder waiting = new StringBuilder();

    StopText(List<String> stops) {
        this.stops = List.copyOf(stops);
    }

    /// Takes new text.
    ///
    /// @return the text before the first stop string, once one has appeared
    Optional<String> append(String text) {
        waiting.append(text);
        int first = -1;
        int firstEnd = Integer.MAX_VALUE;
        for (String stop : stops) {
            int at = waiting.indexOf(stop);
            int end = at + stop.length();
            if (at >= 0 && (end < firstEnd || (end == firstEnd && at < first))) {
                first = at;
                firstEnd = end;
            }
        }
        return first < 0 ? Optional.empty() : Optional.of(waiting.substring(0, first));
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
