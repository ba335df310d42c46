package dev.jinrai.tokenizer;

import dev.jinrai.gguf.Metadata;
import dev.jinrai.gguf.MetadataValue;
import dev.jinrai.gguf.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes a [Vocabulary] of a file's metadata, or of plain lists.
///
/// Files are incomplete and sometimes wrong; the rules by which they are completed are llama.cpp's
/// (`src/llama-vocab.cpp`), in its order:
///
/// 1. The family's defaults hold until the file says otherwise. A special id outside the vocabulary
///    leaves the default in place.
/// 2. Parts that no key names are found [by their texts][SpecialToken#texts].
/// 3. The ids that end a generation are collected by [EndOfGeneration].
/// 4. A few models take white space beside their special tokens away; they are known by name.
///
/// A vocabulary that cannot work is a [TokenizerException], a key of the wrong type a
/// `GgufException`. llama.cpp 0.7.0 is as strict, but for this. It refuses and we read:
///
/// - ids as integers of any width and sign, types as unsigned integers, scores in double precision;
/// - a model named after Phi-3 that lacks one of the tokens looked up for it.
///
/// It reads, or reads and fails later, and we refuse:
///
/// - a score that is not a number, which leaves the order of merges open;
/// - a `BYTE` token that does not name its byte ([SentencePiece]);
/// - a token that is not UTF-8, which fails when the file's strings are read;
/// - a merge that is not two texts with a space between them ([ByteLevelBpe]);
/// - a special token of more than 64 KiB ([SpecialTokens]);
/// - a table of replacements that leads in a circle ([Unigram]);
/// - a token that stands in the list twice.
public final class VocabularyBuilder {
    private static final String TOKENS = "tokenizer.ggml.tokens";
    private static final String SCORES = "tokenizer.ggml.scores";
    private static final String TYPES = "tokenizer.ggml.token_type";
    private static final String ADD_BOS = "tokenizer.ggml.add_bos_token";
    private static final String ADD_EOS = "tokenizer.ggml.add_eos_token";
    private static final String ADD_SEP = "tokenizer.ggml.add_sep_token";
    private static final String ADD_SPACE_PREFIX = "tokenizer.ggml.add_space_prefix";

    private List<String> tokens = List.of();
    private float @Nullable [] givenScores;
    private int @Nullable [] givenTypes;
    private final Map<SpecialToken, Long> defaults = new EnumMap<>(SpecialToken.class);
    private final List<Named> named = new ArrayList<>();
    private boolean addBos;
    private boolean addEos;
    private boolean addSep;
    private boolean addSpacePrefix;
    private boolean cleanUpSpaces;
    private final List<String> notices = new ArrayList<>();
    private final BitSet ends = new BitSet();
    private String modelName = "";
    private String preTokenizer = "";
    private String architecture = "";

    /// Starts with no token.
    public VocabularyBuilder() {}

    /// A part given to an id by a key of the file.
    private record Named(SpecialToken part, String key, long id) {}

    /// Reads everything that `tokenizer.ggml.*` says; what is there overrides what was set before.
    public VocabularyBuilder read(Metadata metadata) {
        tokens(metadata.strings(TOKENS));
        if (metadata.contains(SCORES)) {
            scores(scores(metadata));
        }
        if (metadata.contains(TYPES)) {
            types(metadata.ints(TYPES));
        }
        for (SpecialToken part : SpecialToken.values()) {
            for (String key : part.keys()) {
                if (metadata.contains(key)) {
                    named.add(new Named(part, key, metadata.int64(key)));
                }
            }
        }
        addBos(metadata.bool(ADD_BOS, addBos));
        addEos(metadata.bool(ADD_EOS, addEos));
        addSep(metadata.bool(ADD_SEP, addSep));
        addSpacePrefix(metadata.bool(ADD_SPACE_PREFIX, addSpacePrefix));
        modelName(metadata.string("general.name", ""));
        preTokenizer = metadata.string("tokenizer.ggml.pre", "");
        architecture = metadata.string("general.architecture", "");
        return this;
    }

    private static float[] scores(Metadata metadata) {
        boolean whole =
                metadata.find(SCORES).orElseThrow() instanceof MetadataValue.Array array
                        && array.elementType() == ValueType.INT32;
        if (!whole) {
            return metadata.floats(SCORES);
        }
        int[] values = metadata.ints(SCORES);
        float[] scores = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            scores[i] = values[i];
        }
        return scores;
    }

    /// The tokens in order of their ids. An empty one gets the text `[EMPTY_id]`.
    public VocabularyBuilder tokens(List<String> texts) {
        tokens = List.copyOf(texts);
        return this;
    }

    /// One score a token; more are ignored. Without scores all are 0.
    public VocabularyBuilder scores(float... values) {
        givenScores = values.clone();
        return this;
    }

    /// One type a token by its number in files, see [TokenType]; more are ignored. Without types
    /// all are `NORMAL`.
    public VocabularyBuilder types(int... numbers) {
        givenTypes = numbers.clone();
        return this;
    }

    /// The id that plays a part unless the file names another. Outside the vocabulary it counts as
    /// not given.
    public VocabularyBuilder special(SpecialToken part, long id) {
        defaults.put(part, id);
        return this;
    }

    public VocabularyBuilder addBos(boolean add) {
        addBos = add;
        return this;
    }

    public VocabularyBuilder addEos(boolean add) {
        addEos = add;
        return this;
    }

    public VocabularyBuilder addSep(boolean add) {
        addSep = add;
        return this;
    }

    public VocabularyBuilder addSpacePrefix(boolean add) {
        addSpacePrefix = add;
        return this;
    }

    public VocabularyBuilder cleanUpSpaces(boolean cleanUp) {
        cleanUpSpaces = cleanUp;
        return this;
    }

    /// One more id at which generation stops; it has to be in the vocabulary.
    VocabularyBuilder ends(int id) {
        ends.set(id);
        return this;
    }

    /// One more sentence for [Vocabulary#notices].
    VocabularyBuilder notice(String notice) {
        notices.add(notice);
        return this;
    }

    /// `general.name`, by which models are known whose special tokens take white space away.
    public VocabularyBuilder modelName(String name) {
        modelName = name;
        return this;
    }

    public Vocabulary build() {
        return new Build().vocabulary();
    }

    /// One build: what the rules have made of the file so far.
    final class Build {
        private final int size = tokens.size();
        final String[] texts = new String[size];
        final float[] scores = new float[size];
        final TokenType[] types = new TokenType[size];
        TokenType[] typesInFile = types;
        final Map<String, Integer> ids = HashMap.newHashMap(size);
        final Map<SpecialToken, Integer> special = new EnumMap<>(SpecialToken.class);
        final BitSet endOfGeneration = new BitSet();
        final BitSet stripsLeft = new BitSet();
        final BitSet stripsRight = new BitSet();
        final List<String> notices = new ArrayList<>(VocabularyBuilder.this.notices);

        private Build() {}

        private Vocabulary vocabulary() {
            readTokens();
            readScores();
            readTypes();
            typesInFile = types.clone();
            placeSpecialTokens();
            require(addBos, ADD_BOS, SpecialToken.BOS);
            require(addEos, ADD_EOS, SpecialToken.EOS);
            findSpecialTokensByText();
            new EndOfGeneration(this).collect();
            endOfGeneration.or(ends);
            findStrippingTokens();
            return new Vocabulary(this);
        }

        boolean addBos() {
            return addBos;
        }

        boolean addEos() {
            return addEos;
        }

        boolean addSep() {
            return addSep;
        }

        boolean addSpacePrefix() {
            return addSpacePrefix;
        }

        boolean cleanUpSpaces() {
            return cleanUpSpaces;
        }

        /// A token with a telling name is a control token, and a notice says so where the file does
        /// not.
        void makeControl(int id) {
            if (types[id] != TokenType.CONTROL) {
                notices.add(
                        "token %d '%s' is of type %s in the file; its name makes it a control token"
                                .formatted(id, texts[id], types[id]));
                types[id] = TokenType.CONTROL;
            }
        }

        private void readTokens() {
            for (int id = 0; id < size; id++) {
                String text = tokens.get(id);
                if (text.isEmpty()) {
                    text = "[EMPTY_" + id + "]";
                }
                texts[id] = text;
                Integer other = ids.putIfAbsent(text, id);
                if (other != null) {
                    throw new TokenizerException(
                            "key '%s': token %s stands at %d and again at %d"
                                    .formatted(TOKENS, TokenizerException.quote(text), other, id));
                }
            }
        }

        private void readScores() {
            float[] given = givenScores;
            if (given == null) {
                return;
            }
            enough(SCORES, given.length);
            for (int id = 0; id < size; id++) {
                if (Float.isNaN(given[id])) {
                    throw new TokenizerException(
                            "key '%s': the score of token %d %s is not a number"
                                    .formatted(SCORES, id, TokenizerException.quote(texts[id])));
                }
                scores[id] = given[id];
            }
        }

        private void readTypes() {
            int[] given = givenTypes;
            if (given == null) {
                Arrays.fill(types, TokenType.NORMAL);
                return;
            }
            enough(TYPES, given.length);
            for (int id = 0; id < size; id++) {
                types[id] = TokenType.of(given[id]);
            }
        }

        private void enough(String key, int entries) {
            if (entries < size) {
                throw new TokenizerException(
                        "key '%s' has %d entries for the %d tokens of '%s'"
                                .formatted(key, entries, size, TOKENS));
            }
        }

        private void placeSpecialTokens() {
            defaults.forEach((part, id) -> {
                if (id >= 0 && id < size) {
                    special.put(part, id.intValue());
                }
            });
            for (Named name : named) {
                if (name.id >= 0 && name.id < size) {
                    special.put(name.part, (int) name.id);
                } else {
                    Integer instead = special.get(name.part);
                    notices.add(
                            "key '%s': id %d is outside the vocabulary of %d tokens; %s"
                                    .formatted(
                                            name.key,
                                            name.id,
                                            size,
                                            instead == null ? "ignored" : "using " + instead));
                }
            }
        }

        private void require(boolean add, String key, SpecialToken part) {
            if (add && !special.containsKey(part)) {
                throw new TokenizerException(
                        "'%s' holds (it may be the default) but '%s' names none of the %d tokens"
                                .formatted(key, part.keys().getFirst(), size));
            }
        }

        private void findSpecialTokensByText() {
            for (SpecialToken part : SpecialToken.values()) {
                if (special.containsKey(part)) {
                    continue;
                }
                for (String text : part.texts()) {
                    Integer id = ids.get(text);
                    if (id != null) {
                        special.put(part, id);
                        makeControl(id);
                        break;
                    }
                }
            }
        }

        private void findStrippingTokens() {
            String name = modelName.toLowerCase(Locale.ROOT);
            if (containsAny(preTokenizer, "jina-v2-de", "jina-v2-es", "jina-v2-code")
                    || containsAny(architecture, "nomic-bert-moe", "jina-bert-v3")) {
                mark("<mask>", stripsLeft);
            } else if (containsAny(name, "phi-3", "phi3")) {
                stripsRight.set(0, size); // of use for special tokens only
                for (String text : List.of("<unk>", "<s>", "<|endoftext|>")) {
                    Integer id = ids.get(text);
                    if (id != null) {
                        stripsRight.clear(id);
                    }
                }
            } else if (containsAny(name, "modern-bert")) {
                mark("[MASK]", stripsLeft);
            }
        }

        private void mark(String text, BitSet set) {
            Integer id = ids.get(text);
            if (id != null) {
                set.set(id);
            }
        }

        private static boolean containsAny(String text, String... parts) {
            return Arrays.stream(parts).anyMatch(text::contains);
        }
    }
}
