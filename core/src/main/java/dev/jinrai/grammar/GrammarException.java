package dev.jinrai.grammar;

/// A grammar or a schema that cannot be read, cannot be enforced, or cannot be spelled with a vocabulary. The message is one line;
/// where the place in the source is known it begins with it: `line 3, column 7: …`.
public final class GrammarException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public GrammarException(String message) {
        super(message.replaceAll("\\R", " "));
    }

    /// `what` at a character of the source.
    static GrammarException at(String source, int offset, String what) {
        int end = Math.clamp(offset, 0, source.length());
        int start = source.lastIndexOf('\n', end - 1) + 1;
        long line = 1 + source.substring(0, end).chars().filter(c -> c == '\n').count();
        return new GrammarException(
                "line %d, column %d: %s"
                        .formatted(line, 1 + source.codePointCount(start, end), what));
    }
}
