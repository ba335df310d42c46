package dev.jinrai.tokenizer;

import dev.jinrai.json.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// The model `WordPiece` of a `tokenizer.json`: a piece is the longest token that begins it, and so
/// on; behind the first, tokens begin with `##`. A piece that cannot be spelled, or is too long, is
/// one unknown token.
///
/// Source: Schuster and Nakajima 2012; `models/wordpiece` in Hugging Face's tokenizers.
final class HuggingFaceWordPiece implements PieceModel {
    private static final int NONE = TokenTrie.NONE;

    private final TokenTrie first = new TokenTrie();
    private final TokenTrie later = new TokenTrie();
    private final int unknown;
    private final int longest; // characters

    HuggingFaceWordPiece(PieceVocabulary tokens, JsonNode model) {
        String prefix = model.text("continuing_subword_prefix", "##");
        longest =
                model.find("max_input_chars_per_word")
                        .map(node -> node.whole(0, Integer.MAX_VALUE))
                        .orElse(100);
        unknown = tokens.find(model.text("unk_token", "[UNK]")).orElse(NONE);
        for (Map.Entry<String, Integer> token : tokens.ids().entrySet()) {
            String text = token.getKey();
            first.insert(text, token.getValue());
            if (text.startsWith(prefix)) {
                later.insert(text.substring(prefix.length()), token.getValue());
            }
        }
    }

    @Override
    public Encoder encoder(IntList ids) {
        return piece -> add(piece, ids);
    }

    private void add(String piece, IntList ids) {
        if (piece.codePointCount(0, piece.length()) > longest) {
            ids.add(unknown());
            return;
        }
        byte[] utf8 = piece.getBytes(StandardCharsets.UTF_8);
        int before = ids.size();
        for (int at = 0; at < utf8.length; ) {
            TokenTrie trie = at == 0 ? first : later;
            int id = NONE;
            int end = at;
            int node = TokenTrie.ROOT;
            for (int i = at; i < utf8.length; i++) {
                node = trie.child(node, utf8[i]);
                if (node == NONE) {
                    break;
                }
                if (trie.id(node) != NONE) {
                    id = trie.id(node);
                    end = i + 1;
                }
            }
            if (id == NONE) {
                ids.truncate(before);
                ids.add(unknown());
                return;
            }
            ids.add(id);
            at = end;
        }
    }

    private int unknown() {
        if (unknown == NONE) {
            throw new TokenizerException(
                    "the vocabulary has no token for a piece of the text, and none for the"
                            + " unknown");
        }
        return unknown;
    }
}
