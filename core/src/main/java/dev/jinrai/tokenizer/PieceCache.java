package dev.jinrai.tokenizer;

import java.util.HashMap;
import java.util.Map;

/// Remembers the tokens of a text's short pieces: most words of a book were there before. Mutable, for one text.
final class PieceCache implements PieceModel.Encoder {
    private static final int LONGEST = 32; // UTF-16 units
    private static final int MOST = 1 << 15;

    private final PieceModel.Encoder model;
    private final IntList ids;
    private final Map<String, int[]> known = new HashMap<>();

    /// @param ids where the model adds its tokens
    PieceCache(PieceModel.Encoder model, IntList ids) {
        this.model = model;
        this.ids = ids;
    }

    @Override
    public void add(String piece) {
        if (piece.length() > LONGEST) {
            model.add(piece);
            return;
        }
        int[] tokens = known.get(piece);
        if (tokens != null) {
            for (int token : tokens) {
                ids.add(token);
            }
            return;
        }
        int before = ids.size();
        model.add(piece);
        if (known.size() < MOST) {
            known.put(piece, ids.tail(before));
        }
    }
}
