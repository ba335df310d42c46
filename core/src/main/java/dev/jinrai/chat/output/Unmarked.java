package dev.jinrai.chat.output;

import java.util.List;

/// No calls: reasoning, if the model has marks for it, and content. Also what reads an answer where
/// there are no tools.
final class Unmarked extends MarkedParser {
    Unmarked(Setup setup) {
        super(setup, List.of(), List.of());
    }

    @Override
    void opened(String mark) {
        throw new AssertionError(mark);
    }

    @Override
    void call(char c) {
        throw new AssertionError(c);
    }
}
