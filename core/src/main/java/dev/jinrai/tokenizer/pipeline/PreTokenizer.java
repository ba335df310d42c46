package dev.jinrai.tokenizer.pipeline;

import java.util.List;

/// Cuts a text into pieces before the model sees it, and may change them: an entry of
/// `pre_tokenizer` in a `tokenizer.json`. Immutable.
public interface PreTokenizer {
    /// Leaves a text whole.
    PreTokenizer NONE = (piece, out) -> out.add(piece);

    /// Adds what becomes of a piece.
    void split(Piece piece, List<Piece> out);
}
