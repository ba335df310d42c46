package dev.jinrai.huggingface;

import dev.jinrai.gguf.Metadata;
import dev.jinrai.gguf.MetadataValue;
import dev.jinrai.gguf.MetadataValue.Array;
import dev.jinrai.gguf.MetadataValue.Real;
import dev.jinrai.gguf.MetadataValue.Whole;
import dev.jinrai.gguf.Quote;
import dev.jinrai.gguf.ValueType;
import dev.jinrai.json.JsonNode;
import dev.jinrai.json.JsonValue;
import dev.jinrai.tokenizer.Tokenizer;
import dev.jinrai.tokenizer.TokenizerException;
import dev.jinrai.tokenizer.UnsupportedTokenizerException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// A directory's tokenizer in the keys of a GGUF file, `tokenizer.ggml.*`: from `tokenizer.model` if there is one, as llama.cpp's
/// conversion does, else from `tokenizer.json` ([TokenizerJson]).
///
/// Ids that no token has become `[PADid]`; added tokens stand over those of the vocabulary.
///
/// Source: `conversion/base.py` and `gguf-py/gguf/vocab.py` in llama.cpp 0.7.0.
final class TokenizerKeys {
    static final String PREFIX = "tokenizer.ggml.";
    static final int NORMAL = 1;
    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    static final int UNUSED = 5;

    private static final float ADDED_SCORE = -1000;
    private static final float PADDING_SCORE = -10000;

    /// The parts that tokens play, by their names in settings and in keys.
    private static final Map<String, String> PARTS = new LinkedHashMap<>();

    static {
        PARTS.put("bos", "bos_token_id");
        PARTS.put("eos", "eos_token_id");
        PARTS.put("unk", "unknown_token_id");
        PARTS.put("sep", "seperator_token_id"); // so it is spelled
        PARTS.put("pad", "padding_token_id");
        PARTS.put("mask", "mask_token_id");
    }

    private final Path directory;
    private final JsonNode settings; // tokenizer_config.json
    private final GgufKeys keys;
    private final String[] texts;
    private final float[] scores;
    private final int[] types;

    private TokenizerKeys(Path directory, int size, GgufKeys keys) {
        this.directory = directory;
        this.settings = Side.read(directory, "tokenizer_config.json");
        this.keys = keys;
        texts = new String[size];
        scores = new float[size];
        types = new int[size];
        for (int id = 0; id < size; id++) {
            texts[id] = "[PAD%d]".formatted(id);
            scores[id] = PADDING_SCORE;
            types[id] = UNUSED;
        }
    }

    /// {@return whether a directory has a tokenizer}
    static boolean areIn(Path directory) {
        return Files.exists(directory.resolve(TokenizerModel.NAME))
                || Files.exists(directory.resolve(TokenizerJson.NAME));
    }

    /// Writes the keys; `keys` has those of the model.
    ///
    /// @param size the rows of the embedding: the number of tokens
    /// @return what a user should know, in sentences
    /// @throws TokenizerException if a file is malformed, or a GGUF file has no place for what it asks for
    static List<String> write(Path directory, int size, GgufKeys keys) {
        if (size > TokenizerModel.MOST_PIECES) { // each takes memory, if only for its padding
            throw new TokenizerException(
                    "%s: vocab_size: wanted at most %d, got %d"
                            .formatted(
                                    Quote.printable(directory.resolve(Config.NAME).toString()),
                                    TokenizerModel.MOST_PIECES,
                                    size));
        }
        return Side.checked(() -> {
            var writer = new TokenizerKeys(directory, size, keys);
            Path model = directory.resolve(TokenizerModel.NAME);
            if (Files.exists(model)) {
                writer.sentencePiece(TokenizerModel.read(model));
            } else if (Files.exists(directory.resolve(TokenizerJson.NAME))) {
                TokenizerJson.write(directory, size, keys);
            } else {
                throw new UnsupportedTokenizerException(
                        "%s: has neither %s nor %s; give token ids instead of text"
                                .formatted(
                                        Quote.printable(directory.toString()),
                                        TokenizerJson.NAME,
                                        TokenizerModel.NAME));
            }
            writer.parts();
            return writer.ends();
        });
    }

    private void sentencePiece(TokenizerModel model) {
        int pieces = model.pieces().size();
        if (pieces > texts.length) {
            throw new TokenizerException(
                    "%s: %d pieces, and the embedding has %d rows"
                            .formatted(
                                    Quote.printable(directory + "/" + TokenizerModel.NAME),
                                    pieces,
                                    texts.length));
        }
        for (int id = 0; id < pieces; id++) {
            TokenizerModel.Piece piece = model.pieces().get(id);
            texts[id] = piece.text();
            scores[id] = piece.score();
            // llama.cpp's conversion knows no user-defined pieces here: the settings name them.
            types[id] = piece.type() == USER_DEFINED ? NORMAL : piece.type();
        }
        JsonNode added = Side.read(directory, "added_tokens.json");
        for (String text : added.members().keySet()) {
            add(added.get(text), added.get(text).whole(0, Integer.MAX_VALUE), text, false);
        }
        settings.find("added_tokens_decoder")
                .ifPresent(decoder -> {
                    for (String id : decoder.members().keySet()) {
                        JsonNode token = decoder.get(id);
                        if (!id.matches("[0-9]{1,9}")) {
                            throw decoder.wrong("wanted ids as keys, got " + Quote.quote(id));
                        }
                        add(
                                token,
                                Integer.parseInt(id),
                                token.get("content").text(),
                                token.flag("special", false));
                    }
                });
        keys.text(PREFIX + "model", model.unigram() ? "t5" : "llama")
                .text(PREFIX + "pre", "default");
        put(keys, List.of(texts), types);
        keys.put(PREFIX + "scores", new Array(ValueType.FLOAT32, reals(scores)));
        Optional<Boolean> prefix = settings.find("add_prefix_space").map(JsonNode::flag);
        if (prefix.isPresent() || !model.addDummyPrefix() || model.unigram()) {
            keys.flag(PREFIX + "add_space_prefix", prefix.orElse(model.addDummyPrefix()));
        }
        if (model.unigram()) {
            keys.flag(PREFIX + "remove_extra_whitespaces", model.removeExtraWhitespaces());
            if (model.charsmap().length > 0) {
                keys.put(PREFIX + "precompiled_charsmap", bytes(model.charsmap()));
            }
        }
        settings.find("add_bos_token")
                .map(JsonNode::flag)
                .ifPresent(add -> keys.flag(PREFIX + "add_bos_token", add));
        settings.find("add_eos_token")
                .map(JsonNode::flag)
                .ifPresent(add -> keys.flag(PREFIX + "add_eos_token", add));
    }

    /// @throws dev.jinrai.json.JsonException if there is no row for it
    private void add(JsonNode node, int id, String text, boolean special) {
        if (id >= texts.length) {
            throw node.wrong("token %d, and the embedding has %d rows".formatted(id, texts.length));
        }
        boolean control = special || looksSpecial(text);
        texts[id] = control ? text : text.replace('▁', ' ');
        scores[id] = ADDED_SCORE;
        types[id] = control ? CONTROL : USER_DEFINED;
    }

    /// Some models have marks that should be control tokens and are not called special.
    static boolean looksSpecial(String text) {
        return text.equals("<pad>")
                || text.equals("<mask>")
                || text.equals("<2mass>")
                || text.equals("[@BOS@]")
                || (text.startsWith("<|") && text.endsWith("|>"))
                || (text.startsWith("<｜") && text.endsWith("｜>"))
                || (text.startsWith("<unused") && text.endsWith(">"));
    }

    static void put(GgufKeys keys, List<String> texts, int[] types) {
        keys.texts(PREFIX + "tokens", texts);
        keys.put(
                PREFIX + "token_type",
                new Array(
                        ValueType.INT32,
                        IntStream.of(types)
                                .<MetadataValue>mapToObj(type -> new Whole(ValueType.INT32, type))
                                .toList()));
    }

    static List<MetadataValue> reals(float[] values) {
        List<MetadataValue> reals = new ArrayList<>(values.length);
        for (float value : values) {
            reals.add(new Real(ValueType.FLOAT32, value));
        }
        return reals;
    }

    private static Array bytes(byte[] raw) {
        List<MetadataValue> bytes = new ArrayList<>(raw.length);
        for (byte b : raw) {
            bytes.add(new Whole(ValueType.UINT8, b & 0xFF));
        }
        return new Array(ValueType.UINT8, bytes);
    }

    /// A part is named by its text in the settings, or by its id in `config.json`.
    private void parts() {
        List<String> tokens = metadata().strings(PREFIX + "tokens");
        Map<String, Integer> ids = new HashMap<>();
        for (int id = 0; id < tokens.size(); id++) {
            ids.putIfAbsent(tokens.get(id), id);
        }
        JsonNode map = Side.read(directory, "special_tokens_map.json");
        JsonNode config = Side.read(directory, Config.NAME);
        PARTS.forEach((part, key) -> {
            Optional<Integer> id =
                    settings.find(part + "_token")
                            .or(() -> map.find(part + "_token"))
                            .map(TokenizerKeys::content)
                            .flatMap(text -> Optional.ofNullable(ids.get(text)))
                            .or(() ->
                                    config.find(part + "_token_id")
                                            .map(Side::ids)
                                            .filter(list -> !list.isEmpty())
                                            .map(List::getFirst)
                                            .filter(first -> first < tokens.size()));
            id.ifPresent(value -> keys.count(PREFIX + key, value));
        });
    }

    private static String content(JsonNode node) {
        return node.value() instanceof JsonValue.Members ? node.get("content").text() : node.text();
    }

    /// Generation ends at more ids than EOS in some models. llama.cpp finds them by their texts; those it would not find get a part that ends
    /// a turn or a message, if that is free.
    private List<String> ends() {
        List<String> notices = new ArrayList<>();
        for (int id : GenerationSettings.in(directory).ends()) {
            var vocabulary = Tokenizer.from(metadata()).vocabulary();
            if (id >= vocabulary.size()) {
                notices.add(
                        "generation ends at token %d, which is outside the vocabulary of %d tokens"
                                .formatted(id, vocabulary.size()));
            } else if (!vocabulary.isEndOfGeneration(id)) {
                String free =
                        IntStream.range(0, 2)
                                .mapToObj(i -> PREFIX + (i == 0 ? "eot" : "eom") + "_token_id")
                                .filter(key -> !keys.has(key))
                                .findFirst()
                                .orElse("");
                if (free.isEmpty()) {
                    notices.add(
                            "generation ends at token %d too, for which a GGUF file has no place"
                                    .formatted(id));
                } else {
                    keys.count(free, id);
                }
            }
        }
        return notices;
    }

    private Metadata metadata() {
        return new Metadata(Quote.printable(directory.toString()), keys.values());
    }
}
