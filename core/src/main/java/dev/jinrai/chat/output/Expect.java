package dev.jinrai.chat.output;

import dev.jinrai.json.JsonScanner;
import dev.jinrai.json.JsonScanner.Step;

/// Wants white space, then a certain text, and nothing after it. Mutable.
final class Expect {
    private final String text;
    private int matched;

    Expect(String text) {
        this.text = text;
    }

    Step accept(char c) {
        if (matched == 0 && JsonScanner.isSpace(c)) {
            return Step.MORE;
        }
        if (matched == text.length() || c != text.charAt(matched)) {
            return Step.BAD;
        }
        return ++matched == text.length() ? Step.END : Step.MORE;
    }
}
