package dev.jinrai.chat.output;

import dev.jinrai.json.JsonScanner;

/// Text between marks, without the white space beside a mark: `\n` after `<think>` and before
/// `</think>` belongs to the mark. Text on both sides stays apart as it was: by the white space in
/// front of the first mark between, or else behind the last. Mutable.
final class Prose implements Chars {
    private final Chars out;
    private final StringBuilder spaces = new StringBuilder();

    /// What stood in front of the marks that were read last.
    private String apart = "";

    private boolean afterMark;
    private boolean said;

    Prose(Chars out) {
        this.out = out;
    }

    @Override
    public void add(char c) {
        if (JsonScanner.isSpace(c)) {
            spaces.append(c);
            return;
        }
        if (!afterMark) {
            emit(spaces);
        } else if (said) {
            emit(apart.isEmpty() ? spaces : apart);
        }
        spaces.setLength(0);
        afterMark = false;
        said = true;
        out.add(c);
    }

    /// A mark stands here.
    void mark() {
        if (!afterMark || apart.isEmpty()) {
            apart = spaces.toString();
        }
        spaces.setLength(0);
        afterMark = true;
    }

    /// A message of its own begins here: a line, if nothing else keeps it apart.
    void message() {
        mark();
        if (apart.isEmpty()) {
            apart = "\n";
        }
    }

    /// White space that no mark stands beside is text.
    void flush() {
        if (!afterMark) {
            emit(spaces);
        }
        spaces.setLength(0);
    }

    private void emit(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            out.add(text.charAt(i));
        }
    }
}
