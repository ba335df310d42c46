package dev.jinrai.tokenizer;

import dev.jinrai.gguf.Metadata;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/// The families of tokenizers by their names in `tokenizer.ggml.model`. A new one is a line here.
final class Families {
    private static final String MODEL = "tokenizer.ggml.model";
    private static final Map<String, Function<Metadata, Tokenizer>> KNOWN =
            new TreeMap<>(
                    Map.of(
                            "llama", SentencePiece::from,
                            "gpt2", ByteLevelBpe::from,
                            "gemma4", ByteLevelBpe::fromGemma4,
                            "bert", WordPiece::from,
                            "t5", Unigram::from));

    private Families() {}

    static Tokenizer tokenizer(Metadata metadata) {
        if (!metadata.contains(MODEL)) {
            throw new UnsupportedTokenizerException(
                    "the file has no vocabulary: no key '%s'; give token ids instead of text"
                            .formatted(MODEL));
        }
        String model = metadata.string(MODEL);
        if (model.equals("none") || model.equals("no_vocab")) {
            throw new UnsupportedTokenizerException(
                    "the file has no vocabulary: key '%s' is '%s'; give token ids instead of text"
                            .formatted(MODEL, model));
        }
        Function<Metadata, Tokenizer> family = KNOWN.get(model);
        if (family == null) {
            throw new UnsupportedTokenizerException(
                    "tokenizer %s is not supported (known: %s)"
                            .formatted(
                                    TokenizerException.quote(model),
                                    String.join(", ", KNOWN.keySet())));
        }
        return family.apply(metadata);
    }
}
