package dev.jinrai.tokenizer;

import dev.jinrai.json.Json;
import dev.jinrai.json.JsonException;
import dev.jinrai.json.JsonNode;
import dev.jinrai.json.JsonValue;
import dev.jinrai.tokenizer.pipeline.Decoder;
import dev.jinrai.tokenizer.pipeline.Decoders;
import dev.jinrai.tokenizer.pipeline.Normalizer;
import dev.jinrai.tokenizer.pipeline.Normalizers;
import dev.jinrai.tokenizer.pipeline.PatternException;
import dev.jinrai.tokenizer.pipeline.PostProcessor;
import dev.jinrai.tokenizer.pipeline.PreTokenizer;
import dev.jinrai.tokenizer.pipeline.PreTokenizers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/// Puts a [HuggingFaceTokenizer] together from its files.
///
/// Added tokens get the id that the model's vocabulary has for them, or the next one behind it; the id in the file is only
/// compared, as in Hugging Face's tokenizers. Where the settings say whether BOS and EOS are added, they overrule the
/// post-processor, as when llama.cpp converts such files; some of `transformers`' classes do the same, some do not.
final class HuggingFaceFiles {
    static final String NAME = "tokenizer.json";

    private final JsonNode root;
    private final HuggingFaceSettings settings;
    private final JsonNode modelNode;
    private final String type;
    private final PieceVocabulary pieces;
    private final Normalizer normalizer;
    private final List<AddedTokens.Entry> added = new ArrayList<>();
    private final Map<String, Integer> addedIds = new HashMap<>();
    private final List<String> notices = new ArrayList<>();
    private int limit; // above all ids

    private HuggingFaceFiles(JsonNode root, HuggingFaceSettings settings) {
        this.root = root;
        this.settings = settings;
        if (!root.text("version", "1.0").equals("1.0")) {
            throw root.get("version").wrong("wanted \"1.0\"");
        }
        modelNode = root.get("model");
        type = type(modelNode);
        if (type.equals("WordLevel")) {
            throw modelNode.wrong("model 'WordLevel' is not supported" + knownModels());
        }
        pieces = PieceVocabulary.of(modelNode.get("vocab"));
        normalizer =
                root.find("normalizer")
                        .map(node -> Normalizers.of(node, Precompiled::of))
                        .orElse(Normalizer.NONE);
        limit = pieces.limit();
        addTokens();
    }

    static HuggingFaceTokenizer open(Path given) {
        Path file = Files.isDirectory(given) ? given.resolve(NAME) : given;
        Path folder = file.toAbsolutePath().getParent();
        try {
            HuggingFaceSettings settings =
                    HuggingFaceSettings.in(folder == null ? Path.of("") : folder);
            JsonNode root = Json.read(file).named(file.toString());
            return new HuggingFaceFiles(root, settings).tokenizer();
        } catch (JsonException e) {
            throw new TokenizerException("" + e.getMessage());
        } catch (TokenizerException | PatternException e) {
            throw new TokenizerException(file + ": " + e.getMessage());
        }
    }

    /// Old files do not say it.
    private static String type(JsonNode model) {
        return model.find("type")
                .map(JsonNode::text)
                .orElseGet(() ->
                        model.find("merges").isPresent()
                                ? "BPE"
                                : model.get("vocab").value() instanceof JsonValue.Items
                                        ? "Unigram"
                                        : model.find("continuing_subword_prefix").isPresent()
                                                ? "WordPiece"
                                                : "WordLevel");
    }

    private static String knownModels() {
        return " (known: BPE, Unigram, WordPiece)";
    }

    private HuggingFaceTokenizer tokenizer() {
        PostProcessor postProcessor =
                root.find("post_processor").map(PostProcessor::of).orElse(PostProcessor.NONE);
        for (int id :
                Stream.concat(postProcessor.front().stream(), postProcessor.end().stream())
                        .toList()) {
            if (id >= limit) {
                throw root.get("post_processor")
                        .wrong(
                                "token %d is outside the vocabulary of %d tokens"
                                        .formatted(id, limit));
            }
        }
        PostProcessor special = overruled(postProcessor);
        Vocabulary vocabulary = vocabulary(special);
        PreTokenizer preTokenizer =
                root.find("pre_tokenizer").map(PreTokenizers::of).orElse(PreTokenizer.NONE);
        Decoder decoder = root.find("decoder").map(Decoders::of).orElse(Decoders.SPACES);
        List<Optional<String>> printed = printed();
        return new HuggingFaceTokenizer(
                new HuggingFaceTokenizer.Parts(
                        vocabulary,
                        printed,
                        special(printed),
                        new AddedTokens(
                                added.stream().filter(e -> !e.token().normalized()).toList()),
                        normalizer,
                        new AddedTokens(
                                added.stream().filter(e -> e.token().normalized()).toList()),
                        preTokenizer,
                        model(vocabulary),
                        special,
                        decoder,
                        settings.cleanUp() ? Decoders.CLEAN_UP : Decoders.sequence(List.of()),
                        settings.chatTemplate()));
    }

    private PieceModel model(Vocabulary vocabulary) {
        return switch (type) {
            case "BPE" -> new HuggingFaceBpe(vocabulary, pieces, modelNode);
            case "WordPiece" -> new HuggingFaceWordPiece(pieces, modelNode);
            case "Unigram" -> new HuggingFaceUnigram(pieces, modelNode);
            default ->
                    throw modelNode.wrong(
                            "model %s is not supported%s"
                                    .formatted(TokenizerException.quote(type), knownModels()));
        };
    }

    private void addTokens() {
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
            if (text.isEmpty() || !texts.add((token.normalized() ? "n" : "r") + text)) {
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

    /// {@return the special tokens around a text, once the settings are heard}
    private PostProcessor overruled(PostProcessor file) {
        OptionalInt bos = id("bos_token");
        OptionalInt eos = id("eos_token");
        List<Integer> front = file.front();
        List<Integer> end = file.end();
        if (bos.isPresent() && settings.addBos().isPresent()) {
            front = with(front, bos.getAsInt(), settings.addBos().get(), 0);
        }
        if (eos.isPresent() && settings.addEos().isPresent()) {
            end = with(end, eos.getAsInt(), settings.addEos().get(), end.size());
        }
        if (!front.equals(file.front()) || !end.equals(file.end())) {
            notices.add(
                    "tokenizer_config.json overrules the post-processor: it says whether BOS and"
                            + " EOS are added");
        }
        return new PostProcessor(front, end);
    }

    private static List<Integer> with(List<Integer> ids, int id, boolean wanted, int place) {
        if (ids.contains(id) == wanted) {
            return ids;
        }
        List<Integer> other = new ArrayList<>(ids);
        if (wanted) {
            other.add(place, id);
        } else {
            other.removeIf(one -> one == id);
        }
        return List.copyOf(other);
    }

    private OptionalInt id(String part) {
        String text = settings.special().get(part);
        if (text == null) {
            return OptionalInt.empty();
        }
        Integer id = addedIds.get(text);
        return id == null ? pieces.find(text) : OptionalInt.of(id);
    }

    private Vocabulary vocabulary(PostProcessor special) {
        String[] texts = new String[limit];
        int[] types = new int[limit];
        Arrays.fill(texts, "");
        Arrays.fill(types, TokenType.UNUSED.number());
        boolean bytes = modelNode.flag("byte_fallback", false);
        pieces.ids()
                .forEach((text, id) -> {
                    texts[id] = text;
                    boolean isByte = bytes && text.matches("<0x[0-9A-F]{2}>");
                    types[id] = (isByte ? TokenType.BYTE : TokenType.NORMAL).number();
                });
        for (AddedTokens.Entry entry : added) {
            texts[entry.id()] = entry.token().content();
            types[entry.id()] =
                    (entry.token().special() ? TokenType.CONTROL : TokenType.USER_DEFINED).number();
        }
        VocabularyBuilder builder =
                new VocabularyBuilder().tokens(Arrays.asList(texts)).types(types);
        if (pieces.scores().length > 0) {
            float[] scores = new float[limit];
            for (int id = 0; id < pieces.scores().length; id++) {
                scores[id] = (float) pieces.scores()[id];
            }
            builder.scores(scores);
        }
        part(builder, SpecialToken.UNKNOWN, id("unk_token"));
        part(builder, SpecialToken.SEPARATOR, id("sep_token"));
        part(builder, SpecialToken.PADDING, id("pad_token"));
        part(builder, SpecialToken.MASK, id("mask_token"));
        OptionalInt bos = first(id("bos_token"), id("cls_token"), only(special.front()));
        OptionalInt eos = first(id("eos_token"), id("sep_token"), only(special.end()));
        part(builder, SpecialToken.BOS, bos);
        part(builder, SpecialToken.EOS, eos);
        builder.addBos(bos.isPresent() && special.front().equals(List.of(bos.getAsInt())));
        builder.addEos(eos.isPresent() && special.end().equals(List.of(eos.getAsInt())));
        builder.cleanUpSpaces(settings.cleanUp());
        for (int id : settings.ends()) {
            if (id < limit) {
                builder.ends(id);
            } else {
                notices.add(
                        "generation ends at token %d, which is outside the vocabulary of %d tokens"
                                .formatted(id, limit));
            }
        }
        notices.forEach(builder::notice);
        return builder.build();
    }

    private static void part(VocabularyBuilder builder, SpecialToken part, OptionalInt id) {
        id.ifPresent(token -> builder.special(part, token));
    }

    private static OptionalInt first(OptionalInt... ids) {
        return Arrays.stream(ids)
                .filter(OptionalInt::isPresent)
                .findFirst()
                .orElse(OptionalInt.empty());
    }

    private static OptionalInt only(List<Integer> ids) {
        return ids.size() == 1 ? OptionalInt.of(ids.getFirst()) : OptionalInt.empty();
    }

    /// {@return the text of each token as it is decoded: a normalized one as it is found}
    private List<Optional<String>> printed() {
        List<Optional<String>> printed = new ArrayList<>(limit);
        for (int id = 0; id < limit; id++) {
            printed.add(Optional.empty());
        }
        pieces.ids().forEach((text, id) -> printed.set(id, Optional.of(text)));
        added.forEach(entry -> printed.set(entry.id(), Optional.of(entry.text())));
        return List.copyOf(printed);
    }

    /// {@return whether the text of a token is that of a special one}
    private List<Boolean> special(List<Optional<String>> printed) {
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
