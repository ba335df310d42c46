package dev.jinrai.jinja;

/// A piece of a template's source.
///
/// @param text of a string its value, of text what is printed
/// @param at its place in the source
record Token(Kind kind, String text, int at) {
    enum Kind {
        TEXT,
        PRINT,
        PRINT_END,
        TAG,
        TAG_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean is(Kind other, String wanted) {
        return kind == other && text.equals(wanted);
    }

    /// {@return what to call it in a message}
    String shown() {
        return switch (kind) {
            case END -> "the end of the template";
            case TEXT -> "text";
            case PRINT, TAG, PRINT_END, TAG_END, OPERATOR, NAME, INTEGER, FLOAT -> "'" + text + "'";
            case STRING -> "a string";
        };
    }
}
