package dev.jinrai.chat.output;

import dev.jinrai.json.JsonScanner;

/// Text between marks, without the white space beside a mark: `\n` after `<think>` and before
/// `</think>` belongs to the mark. Mutable.
final class Prose implements Chars {
    private final Chars out;
    private final StringBuilder spaces = new StringBuilder();
    private boolean afterMark;

    Prose(Chars out) {
        this.out = out;
    }

    @Override
    public void add(char c) {
        if (!JsonScanner.isSpace(c)) {
            flush();
            out.add(c);
            afterMark = false;
        } else if (!afterMark) {
            spaces.append(c);
        }
    }

    /// A mark stands here.
    void mark() {
        spaces.setLength(0);
        afterMark = true;
    }

    /// White space that no mark follows is text.
    void flush() {
        for (int i = 0; i < spaces.length(); i++) {
            out.add(spaces.charAt(i));
        }
        spaces.setLength(0);
    }
}
