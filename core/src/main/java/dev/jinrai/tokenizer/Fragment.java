package dev.jinrai.tokenizer;

/// A part of a text that was searched for special tokens.
sealed interface Fragment {

    /// The special token that stood there.
    record Special(int id) implements Fragment {}

    /// Ordinary text from `start` to before `end`; never empty.
    record Text(int start, int end) implements Fragment {}
}
