package dev.jinrai.chat.output;

import java.util.List;
import java.util.Optional;

/// Finds marks in a text that comes a character at a time. What may be the beginning of one waits.
/// Mutable.
///
/// Takes time linear in the text: what waits is shorter than the longest mark.
final class MarkFinder {
    private final List<String> marks;
    private final StringBuilder waiting = new StringBuilder();

    /// @param marks none the beginning of another
    MarkFinder(List<String> marks) {
        this.marks = List.copyOf(marks);
    }

    MarkFinder(String... marks) {
        this(List.of(marks));
    }

    /// Takes a character.
    ///
    /// @param text receives what certainly belongs to no mark
    /// @return the mark that ends with this character
    Optional<String> accept(char c, Chars text) {
        waiting.append(c);
        while (!waiting.isEmpty()) {
            Optional<String> candidate = candidate();
            if (candidate.isPresent()) {
                if (candidate.get().length() > waiting.length()) {
                    return Optional.empty();
                }
                waiting.setLength(0);
                return candidate;
            }
            char first = waiting.charAt(0);
            waiting.deleteCharAt(0);
            text.add(first);
        }
        return Optional.empty();
    }

    /// No mark comes any more: what waits is text.
    void flush(Chars text) {
        String rest = waiting.toString();
        waiting.setLength(0);
        text.add(rest);
    }

    /// {@return a mark that begins with what waits}
    private Optional<String> candidate() {
        for (String mark : marks) {
            if (begins(mark)) {
                return Optional.of(mark);
            }
        }
        return Optional.empty();
    }

    private boolean begins(String mark) {
        int length = waiting.length();
        if (mark.length() < length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (mark.charAt(i) != waiting.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
