package dev.jinrai.tokenizer;

/// The part of a Hugging Face tokenizer that knows tokens: `model` in a `tokenizer.json`.
/// Immutable.
interface PieceModel {

    /// Pieces of one text on their way to ids. Mutable.
    interface Encoder {
        /// Adds the tokens of a piece, which is not empty.
        void add(String piece);
    }

    Encoder encoder(IntList ids);
}
