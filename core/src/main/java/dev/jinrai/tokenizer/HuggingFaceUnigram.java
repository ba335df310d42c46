package dev.jinrai.tokenizer;

import dev.jinrai.json.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// The model `Unigram` of a `tokenizer.json`: a piece is the row of tokens with the highest sum of
/// scores ([BestRow]). A character that is no token is an unknown one, at a score of 10 below the
/// lowest of all; neighbouring unknown ones are one, or their bytes with `byte_fallback`, if all of
/// them are tokens.
///
/// Source: Kudo 2018, arXiv:1804.10959; `models/unigram` in Hugging Face's tokenizers.
final class HuggingFaceUnigram implements PieceModel {
    private static final double UNKNOWN_PENALTY = 10;
    private static final int NONE = TokenTrie.NONE;

    private final PieceVocabulary tokens;
    private final TokenTrie trie = new TokenTrie();
    private final int unknown;
    private final double unknownScore;
    private final boolean byteFallback;
    private final int[] byteIds = new int[256];

    HuggingFaceUnigram(PieceVocabulary tokens, JsonNode model) {
        this.tokens = tokens;
        double lowest = Double.POSITIVE_INFINITY;
        for (Map.Entry<String, Integer> token : tokens.ids().entrySet()) {
            trie.insert(token.getKey(), token.getValue());
        }
        for (double score : tokens.scores()) {
            lowest = Math.min(lowest, score);
        }
        unknown = model.find("unk_id").map(node -> node.whole(0, tokens.limit() - 1)).orElse(NONE);
        unknownScore = lowest - UNKNOWN_PENALTY;
        byteFallback = model.flag("byte_fallback", false);
        for (int b = 0; b < byteIds.length; b++) {
            byteIds[b] = tokens.find(ByteToken.text(b)).orElse(NONE);
        }
    }

    @Override
    public Encoder encoder(IntList ids) {
        BestRow row = new BestRow(trie, tokens.scores(), unknown, unknownScore);
        IntList ends = new IntList(64);
        return piece -> {
            byte[] text = piece.getBytes(StandardCharsets.UTF_8);
            row.find(text);
            ends.clear();
            for (int end = text.length; end > 0; end = row.start(end)) {
                ends.add(end);
            }
            for (int i = ends.size() - 1; i >= 0; i--) {
                int end = ends.get(i);
                int start = row.start(end);
                if (row.token(end) != unknown) {
                    ids.add(row.token(end));
                    continue;
                }
                while (i > 0 && row.token(ends.get(i - 1)) == unknown) {
                    i--;
                }
                unknown(text, start, ends.get(i), ids);
            }
        };
    }

    /// Adds a run of unknown characters.
    private void unknown(byte[] text, int start, int end, IntList ids) {
        if (unknown == NONE) {
            throw new TokenizerException(
                    "the vocabulary has no token for a character of the text, and none for the"
                            + " unknown");
        }
        String run = new String(text, start, end - start, StandardCharsets.UTF_8);
        boolean bytes = byteFallback && tokens.find(run).isEmpty();
        for (int i = start; bytes && i < end; i++) {
            bytes = byteIds[text[i] & 0xFF] != NONE;
        }
        if (!bytes) {
            ids.add(tokens.find(run).orElse(unknown));
            return;
        }
        for (int i = start; i < end; i++) {
            ids.add(byteIds[text[i] & 0xFF]);
        }
    }
}
