package dev.jinrai.tokenizer.pipeline;

import java.util.function.Consumer;

/// What makes a text of tokens: an entry of `decoder` in a `tokenizer.json`. Immutable.
///
/// It takes a row of texts, at first one a token, and hands on another row; the last is joined.
public interface Decoder {

    /// A decoder at work on one row, piece by piece. What is certain is handed on at once, what may
    /// still change waits. Mutable.
    interface Stage {
        /// The next part of the current text of the row; never half a character.
        void text(String part);

        /// Its end; the next text begins.
        void endText();

        /// The end of the row.
        void end();
    }

    /// Starts with the first text of a row; what becomes of it goes to `next`.
    Stage onto(Stage next);

    /// What a token prints that is neither the first nor the last, in bytes: parts of characters
    /// are there as they are.
    ///
    /// @param fused whether a decoder before this one has joined the row
    Printed middle(Printed token, boolean fused);

    /// Whether it joins the row to one text.
    default boolean fuses() {
        return false;
    }

    /// What a token prints: text, or bytes that may be parts of a character.
    sealed interface Printed {
        record Text(String text) implements Printed {}

        /// Bytes, written in Latin-1: a character a byte.
        record Bytes(String latin1) implements Printed {}
    }

    /// The end of a chain: what is certain goes to `text`.
    static Stage to(Consumer<String> text) {
        return new Stage() {
            @Override
            public void text(String part) {
                text.accept(part);
            }

            @Override
            public void endText() {}

            @Override
            public void end() {}
        };
    }
}
