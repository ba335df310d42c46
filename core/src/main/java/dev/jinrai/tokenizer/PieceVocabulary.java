package dev.jinrai.tokenizer;

import dev.jinrai.json.JsonNode;
import dev.jinrai.json.JsonValue;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// The tokens of a [PieceModel] by their texts: what `model.vocab` of a `tokenizer.json` says.
/// Immutable.
///
/// Ids may have holes, but not more of them than tokens and a few: otherwise a small file would
/// take all memory.
final class PieceVocabulary {
    private static final int HOLES = 1 << 16;

    private final Map<String, Integer> ids;
    private final Map<Integer, String> texts;
    private final double[] scores;
    private final int limit;

    private PieceVocabulary(
            Map<String, Integer> ids, Map<Integer, String> texts, double[] scores, int limit) {
        this.texts = texts;
        this.ids = ids;
        this.scores = scores;
        this.limit = limit;
    }

    /// Reads `{"text": id, …}`, or `[["text", score], …]` in the order of the ids.
    static PieceVocabulary of(JsonNode node) {
        return node.value() instanceof JsonValue.Items ? scored(node) : numbered(node);
    }

    private static PieceVocabulary numbered(JsonNode node) {
        Map<String, JsonValue> members = node.members();
        long most = 2L * members.size() + HOLES;
        int limit = 0;
        Map<String, Integer> ids = HashMap.newHashMap(members.size());
        Map<Integer, String> texts = HashMap.newHashMap(members.size());
        for (String text : members.keySet()) {
            int id = node.get(text).whole(0, (int) Math.min(most, Integer.MAX_VALUE - 1));
            String other = texts.putIfAbsent(id, text);
            if (other != null) {
                throw node.wrong(
                        "id %d is that of %s and of %s"
                                .formatted(
                                        id,
                                        TokenizerException.quote(other),
                                        TokenizerException.quote(text)));
            }
            ids.put(text, id);
            limit = Math.max(limit, id + 1);
        }
        return new PieceVocabulary(ids, texts, new double[0], limit);
    }

    private static PieceVocabulary scored(JsonNode node) {
        List<JsonNode> items = node.items();
        Map<String, Integer> ids = HashMap.newHashMap(items.size());
        Map<Integer, String> texts = HashMap.newHashMap(items.size());
        double[] scores = new double[items.size()];
        for (int id = 0; id < scores.length; id++) {
            List<JsonNode> pair = items.get(id).items();
            if (pair.size() != 2) {
                throw items.get(id).wrong("wanted a text and its score");
            }
            String text = pair.get(0).text();
            ids.put(text, id); // of equal texts the last is found
            texts.put(id, text);
            scores[id] = pair.get(1).real();
        }
        return new PieceVocabulary(ids, texts, scores, scores.length);
    }

    /// The id of each text.
    Map<String, Integer> ids() {
        return ids;
    }

    /// The text of each id.
    Map<Integer, String> texts() {
        return texts;
    }

    /// The score of each id, for [HuggingFaceUnigram]; empty for the others.
    double[] scores() {
        return scores;
    }

    /// Above all ids.
    int limit() {
        return limit;
    }

    OptionalInt find(String text) {
        Integer id = ids.get(text);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }
}
