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
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// Puts a [HuggingFaceTokenizer] together from its files.
///
/// Where the settings say whether BOS and EOS are added, they overrule the
/// post-processor, as when llama.cpp converts such files; some of `transformers`' classes do the same, some do not.
final class HuggingFaceFiles {
    static final String NAME = "tokenizer.json";

    private final JsonNode root;
    private final HuggingFaceSettings settings;
    private final JsonNode modelNode;
    private final String type;
    private final PieceVocabulary pieces;
    private final Normalizer normalizer;
    private final HuggingFaceIds ids;
    private final List<String> notices = new ArrayList<>();

    private HuggingFaceFiles(JsonNode root, HuggingFaceSettings settings) {
        this.root = root;
        this.settings = settings;
        if (!root.text("version", "1.0").equals("1.0")) {
            throw root.get("version").wrong("wanted \"1.0\"");
        }
        modelNode = root.get("model");
        type = type(modelNode);
        pieces = PieceVocabulary.of(modelNode.get("vocab"));
        normalizer =
                root.find("normalizer")
                        .map(node -> Normalizers.of(node, Precompiled::of))
                        .orElse(Normalizer.NONE);
        ids = new HuggingFaceIds(root, pieces, normalizer, settings);
        notices.addAll(ids.notices());
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
        return " (known: BPE, Unigram, WordLevel, WordPiece)";
    }

    private HuggingFaceTokenizer tokenizer() {
        PostProcessor postProcessor =
                root.find("post_processor").map(PostProcessor::of).orElse(PostProcessor.NONE);
        for (int id :
                Stream.concat(postProcessor.front().stream(), postProcessor.end().stream())
                        .toList()) {
            if (id >= ids.limit()) {
                throw root.get("post_processor")
                        .wrong(
                                "token %d is outside the vocabulary of %d tokens"
                                        .formatted(id, ids.limit()));
            }
        }
        PostProcessor special = overruled(postProcessor);
        boolean bytes = modelNode.flag("byte_fallback", false);
        Vocabulary vocabulary = HuggingFaceVocabulary.of(ids, settings, special, bytes, notices);
        PreTokenizer preTokenizer =
                root.find("pre_tokenizer").map(PreTokenizers::of).orElse(PreTokenizer.NONE);
        Decoder decoder = root.find("decoder").map(Decoders::of).orElse(Decoders.SPACES);
        List<Optional<String>> printed = ids.printed();
        return new HuggingFaceTokenizer(
                new HuggingFaceTokenizer.Parts(
                        vocabulary,
                        printed,
                        ids.special(printed),
                        ids.finder(false),
                        normalizer,
                        ids.finder(true),
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
            case "WordLevel" -> new HuggingFaceWordLevel(pieces, modelNode);
            case "Unigram" -> new HuggingFaceUnigram(pieces, modelNode);
            default ->
                    throw modelNode.wrong(
                            "model %s is not supported%s"
                                    .formatted(TokenizerException.quote(type), knownModels()));
        };
    }

    /// {@return the special tokens around a text, once the settings are heard}
    private PostProcessor overruled(PostProcessor file) {
        OptionalInt bos = ids.id("bos_token");
        OptionalInt eos = ids.id("eos_token");
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
}
