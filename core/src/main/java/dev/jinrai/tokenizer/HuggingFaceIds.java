package dev.jinrai.tokenizer;

import dev.jinrai.json.JsonNode;
import dev.jinrai.tokenizer.pipeline.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Which id each token of a `tokenizer.json` has, and what it is.
///
/// Added tokens get the id that the model's vocabulary has for them, or the next one behind it; the id in the file is only
/// compared, as in Hugging Face's tokenizers.
final class HuggingFaceIds {
    private final PieceVocabulary pieces;
    private final HuggingFaceSettings settings;
    private final List<AddedTokens.Entry> added = new ArrayList<>();
    private final Map<String, Integer> addedIds = new HashMap<>();
    private final List<String> notices = new ArrayList<>();
    private int limit; // above all ids

    /// @param root the whole file
    HuggingFaceIds(
            JsonNode root,
            PieceVocabulary pieces,
            Normalizer normalizer,
            HuggingFaceSettings settings) {
        this.pieces = pieces;
        this.settings = settings;
        limit = pieces.limit();
        addTokens(root, normalizer);
    }

    PieceVocabulary pieces() {
        return pieces;
    }

    /// The tokens that are found in texts before the model sees them.
    List<AddedTokens.Entry> added() {
        return added;
    }

    /// What is found in texts, those that are looked for after the normalizer or those before it.
    AddedTokens finder(boolean normalized) {
        return new AddedTokens(
                added.stream()
                        .filter(e -> e.token().normalized() == normalized && !e.text().isEmpty())
                        .toList());
    }

    /// Above all ids.
    int limit() {
        return limit;
    }

    /// What differs from what the file says.
    List<String> notices() {
        return notices;
    }

    private void addTokens(JsonNode root, Normalizer normalizer) {
        int next = pieces.ids().size();
        Map<Integer, AddedToken> tokens = new LinkedHashMap<>();
        Optional<JsonNode> list = root.find("added_tokens");
        for (JsonNode node : list.map(JsonNode::items).orElse(List.of())) {
            AddedToken token = AddedToken.of(node);
            next = add(token, next, tokens);
            int said = node.get("id").whole(0, Integer.MAX_VALUE);
            int id = addedIds.getOrDefault(token.content(), said);
            if (id != said) {
                notices.add(
                        "added token %s has the id %d, not %d as the file says"
                                .formatted(TokenizerException.quote(token.content()), id, said));
            }
        }
        for (AddedToken token : settings.added()) {
            if (!addedIds.containsKey(token.content())) {
                next = add(token, next, tokens);
            }
        }
        Set<String> texts = new HashSet<>();
        tokens.forEach((id, token) -> {
            String text =
                    token.normalized() ? normalizer.normalize(token.content()) : token.content();
            if (!text.isEmpty() && !texts.add((token.normalized() ? "n" : "r") + text)) {
                throw root.wrong(
                        "added token %s becomes %s, as another does"
                                .formatted(
                                        TokenizerException.quote(token.content()),
                                        TokenizerException.quote(text)));
            }
            added.add(new AddedTokens.Entry(token, id, text));
        });
    }

    /// {@return the next free id}
    private int add(AddedToken token, int next, Map<Integer, AddedToken> tokens) {
        if (token.content().isEmpty()) {
            return next;
        }
        OptionalInt known = pieces.find(token.content());
        Integer given = addedIds.get(token.content());
        int id = known.isPresent() ? known.getAsInt() : given == null ? next : given;
        addedIds.put(token.content(), id);
        tokens.put(id, token);
        limit = Math.max(limit, id + 1);
        return id == next ? next + 1 : next;
    }

    /// {@return the token that plays a part, `bos_token` for example}
    OptionalInt id(String part) {
        String text = settings.special().get(part);
        if (text == null) {
            return OptionalInt.empty();
        }
        Integer id = addedIds.get(text);
        return id == null ? pieces.find(text) : OptionalInt.of(id);
    }

    /// {@return the text of each token as it is decoded: a normalized one as it is found}
    List<Optional<String>> printed() {
        List<Optional<String>> printed = new ArrayList<>(limit);
        for (int id = 0; id < limit; id++) {
            printed.add(Optional.empty());
        }
        pieces.texts().forEach((id, text) -> printed.set(id, Optional.of(text)));
        added.forEach(entry -> printed.set(entry.id(), Optional.of(entry.text())));
        return List.copyOf(printed);
    }

    /// {@return whether the text of a token is that of a special one}
    List<Boolean> special(List<Optional<String>> printed) {
        Set<String> texts = new HashSet<>();
        for (AddedTokens.Entry entry : added) {
            if (entry.token().special()) {
                texts.add(entry.token().content());
            }
        }
        return printed.stream()
                .map(text -> text.isPresent() && texts.contains(text.get()))
                .toList();
    }
}
