package dev.jinrai.tokenizer;

import dev.jinrai.json.JsonNode;

/// The model `WordLevel` of a `tokenizer.json`: a piece is a token, or else the unknown one.
///
/// Source: `models/wordlevel` in Hugging Face's tokenizers.
final class HuggingFaceWordLevel implements PieceModel {
    private static final int NONE = -1;

    private final PieceVocabulary tokens;
    private final int unknown;

    HuggingFaceWordLevel(PieceVocabulary tokens, JsonNode model) {
        this.tokens = tokens;
        unknown = tokens.find(model.get("unk_token").text()).orElse(NONE);
    }

    @Override
    public Encoder encoder(IntList ids) {
        return piece -> {
            int id = tokens.find(piece).orElse(unknown);
            if (id == NONE) {
                throw new TokenizerException(
                        "the vocabulary has no token for a word of the text, and none for the"
                                + " unknown");
            }
            ids.add(id);
        };
    }
}
