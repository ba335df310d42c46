package dev.jinrai.jinja;

/// A template that cannot be read or rendered. The message is one line that begins with the place:
/// `line 3, column 7: 'tools' is undefined`.
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int line;
    private final int column;

    TemplateException(int line, int column, String what) {
        super("line %d, column %d: %s".formatted(line, column, what.replaceAll("\\R", " ")));
        this.line = line;
        this.column = column;
    }

    /// `what` at a character of the source.
    static TemplateException at(String source, int offset, String what) {
        int end = Math.clamp(offset, 0, source.length());
        int start = source.lastIndexOf('\n', end - 1) + 1;
        int line = 1 + (int) source.substring(0, end).chars().filter(c -> c == '\n').count();
        return new TemplateException(line, 1 + source.codePointCount(start, end), what);
    }

    /// {@return the line, from 1}
    public int line() {
        return line;
    }

    /// {@return the column, in characters, from 1}
    public int column() {
        return column;
    }
}
