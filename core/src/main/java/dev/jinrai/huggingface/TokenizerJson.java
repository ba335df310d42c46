package dev.jinrai.huggingface;

import dev.jinrai.gguf.Metadata;
import dev.jinrai.gguf.MetadataValue.Array;
import dev.jinrai.gguf.Quote;
import dev.jinrai.gguf.ValueType;
import dev.jinrai.json.Json;
import dev.jinrai.json.JsonNode;
import dev.jinrai.json.JsonValue;
import dev.jinrai.tokenizer.HuggingFaceTokenizer;
import dev.jinrai.tokenizer.TokenType;
import dev.jinrai.tokenizer.Tokenizer;
import dev.jinrai.tokenizer.TokenizerException;
import dev.jinrai.tokenizer.UnsupportedTokenizerException;
import dev.jinrai.tokenizer.Vocabulary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `tokenizer.json` in the keys of a GGUF file. A GGUF file has no place for its normalizers and patterns; it names a tokenizer that
/// programs know. So the one that does the same is looked for, and proved by the ids of a [text][#PROBE] of many scripts.
///
/// Two kinds are written. BPE over bytes becomes `gpt2`, with the first pre-tokenizer of [#PRE] that gives the same ids. BPE over characters
/// with byte fallback, of SentencePiece, becomes `llama`: a token's score is the rank of the merge that makes it, so that the best
/// score is the first merge.
final class TokenizerJson {
    static final String NAME = "tokenizer.json";

    /// Names of pre-tokenizers, those of the most models first, one for each way to split.
    static final List<String> PRE =
            List.of(
                    "llama-bpe",
                    "gpt-2",
                    "qwen2",
                    "dbrx",
                    "tekken",
                    "gpt-4o",
                    "deepseek-v3",
                    "deepseek-llm",
                    "deepseek-coder",
                    "starcoder",
                    "falcon",
                    "qwen35",
                    "seed-coder",
                    "kimi-k2",
                    "bloom",
                    "viking",
                    "minicpm5",
                    "exaone-moe",
                    "youtu",
                    "tiny_aya",
                    "superbpe",
                    "jais-2",
                    "laguna",
                    "granite-embed-multi-97m",
                    "afmoe",
                    "chameleon",
                    "default");

    /// Where pre-tokenizers differ: contractions in both cases, runs of digits, of spaces and of line ends, capitals within words, signs
    /// before line ends, scripts with and without cases, marks, ideographs next to letters. It is in form C, for a GGUF file has no
    /// normalizer.
    private static final String PROBE =
            """
            Hello, world! It's we're THEY'LL I'd don't 'S 'RE x'v
              two  three   four    five\tone\t\ttab \t mixed\s
            \r\n\r\n1 12 123 1234 12345 1234567 3.14159 1,000,000 10.0.0.1 v2x8 ½ ² ٣٤٥ ൪൫
            camelCase PascalCase HTTPServer snake_case kebab-case UPPER lower a_b __init__ x+=1; y--; a->b; f(x){return !x;}
            //comment\n#tag ...!!!???\n\n\n"quoted" `code` [link](http://example.org/a?b=c&d=e#f) user@example.org $5.00 €20 <tag/>
            Żółć straße İstanbul Ωμέγα Привет, мир! Ещё раз. שלום עולם مرحبا بالعالم हिन्दी में पाठ ภาษาไทย ខ្មែរ ქართული አማርኛ
            日本語テキストとカタカナ。漢字kanji混在 中文文本，测试一下1314天～ 한국어 문장입니다 Tiếng Việt có dấu
            🚀 👩‍👩‍👧‍👦 🇪🇺 ✅ x\u0302? \u00a0nbsp\u3000wide\u200bzero
            def f(a, b=2):\n    return {"k": [a, b]}\n\t\tif x:\n\t\t\tpass
            """;

    private final String file;
    private final JsonNode root;
    private final HuggingFaceTokenizer tokenizer;
    private final int size;
    private final GgufKeys keys;

    private TokenizerJson(Path directory, int size, GgufKeys keys) {
        Path path = directory.resolve(NAME);
        this.file = Quote.printable(path.toString());
        this.root = Json.read(path).named(file);
        this.tokenizer = HuggingFaceTokenizer.open(directory);
        this.size = size;
        this.keys = keys;
    }

    static void write(Path directory, int size, GgufKeys keys) {
        new TokenizerJson(directory, size, keys).write();
    }

    private void write() {
        JsonNode model = root.get("model");
        boolean bytes = mentions(root.find("pre_tokenizer").map(JsonNode::value).orElse(null));
        if (!model.text("type", "BPE").equals("BPE") || model.find("merges").isEmpty()) {
            throw unsupported("model " + Quote.quote(model.text("type", "without a type")));
        }
        if (bytes) {
            tokens();
            bytePairs(model);
        } else if (model.flag("byte_fallback", false)) {
            tokens();
            characterPairs(model);
        } else {
            throw unsupported("BPE over characters without byte fallback");
        }
    }

    private UnsupportedTokenizerException unsupported(String what) {
        return new UnsupportedTokenizerException(
                "%s: %s has no form in a GGUF file".formatted(file, what));
    }

    /// {@return whether a pre-tokenizer, or one in it, makes letters of bytes}
    private static boolean mentions(@Nullable JsonValue value) {
        return switch (value) {
            case JsonValue.Members(Map<String, JsonValue> members) ->
                    (members.get("type") instanceof JsonValue.Text(String type)
                                    && type.equals("ByteLevel"))
                            || members.values().stream().anyMatch(TokenizerJson::mentions);
            case JsonValue.Items(List<JsonValue> items) ->
                    items.stream().anyMatch(TokenizerJson::mentions);
            case null, default -> false;
        };
    }

    private void tokens() {
        Vocabulary vocabulary = tokenizer.vocabulary();
        if (vocabulary.size() > size) {
            throw new TokenizerException(
                    "%s: %d tokens, and the embedding has %d rows"
                            .formatted(file, vocabulary.size(), size));
        }
        List<String> texts = new ArrayList<>(size);
        int[] types = new int[size];
        Arrays.fill(types, TokenizerKeys.UNUSED);
        for (int id = 0; id < size; id++) {
            boolean is = id < vocabulary.size() && vocabulary.type(id) != TokenType.UNUSED;
            String text = is ? vocabulary.text(id) : "[PAD%d]".formatted(id);
            if (is) {
                types[id] = vocabulary.type(id).number();
            }
            if (is && vocabulary.type(id) == TokenType.USER_DEFINED) {
                if (TokenizerKeys.looksSpecial(text)) {
                    types[id] = TokenizerKeys.CONTROL;
                } else {
                    text = text.replace('▁', ' ');
                }
            }
            texts.add(text);
        }
        TokenizerKeys.put(keys, texts, types);
        vocabulary.bos().ifPresent(id -> keys.count(TokenizerKeys.PREFIX + "bos_token_id", id));
        vocabulary.eos().ifPresent(id -> keys.count(TokenizerKeys.PREFIX + "eos_token_id", id));
        keys.flag(TokenizerKeys.PREFIX + "add_bos_token", vocabulary.addBos());
        keys.flag(TokenizerKeys.PREFIX + "add_eos_token", vocabulary.addEos());
    }

    private void bytePairs(JsonNode model) {
        List<String> lines = new ArrayList<>();
        for (List<String> pair : merges(model)) {
            // A space is no letter of bytes; some files have merges with one all the same.
            lines.add(pair.getFirst().replace(' ', 'Ġ') + " " + pair.getLast().replace(' ', 'Ġ'));
        }
        keys.text(TokenizerKeys.PREFIX + "model", "gpt2");
        keys.texts(TokenizerKeys.PREFIX + "merges", lines);
        Set<String> names = new LinkedHashSet<>();
        boolean whole = model.flag("ignore_merges", false);
        PRE.stream().filter(name -> whole == name.equals("llama-bpe")).forEach(names::add);
        names.addAll(PRE);
        for (String name : names) {
            keys.text(TokenizerKeys.PREFIX + "pre", name);
            if (difference() < 0) {
                return;
            }
        }
        throw unsupported("its pre-tokenizer");
    }

    private void characterPairs(JsonNode model) {
        Map<String, Integer> ranks = new HashMap<>();
        int rank = 0;
        for (List<String> pair : merges(model)) {
            ranks.putIfAbsent(pair.getFirst() + pair.getLast(), rank++);
        }
        Vocabulary vocabulary = tokenizer.vocabulary();
        float[] scores = new float[size];
        for (int id = 0; id < size; id++) {
            boolean normal = id < vocabulary.size() && vocabulary.type(id) == TokenType.NORMAL;
            scores[id] = normal ? -ranks.getOrDefault(vocabulary.text(id), rank) : 0;
        }
        keys.text(TokenizerKeys.PREFIX + "model", "llama")
                .text(TokenizerKeys.PREFIX + "pre", "default");
        keys.put(
                TokenizerKeys.PREFIX + "scores",
                new Array(ValueType.FLOAT32, TokenizerKeys.reals(scores)));
        for (boolean prefix : new boolean[] {true, false}) {
            keys.flag(TokenizerKeys.PREFIX + "add_space_prefix", prefix);
            if (difference() < 0) {
                return;
            }
        }
        throw unsupported("this kind of BPE over characters");
    }

    /// {@return the pairs, of which older files make one text}
    private static List<List<String>> merges(JsonNode model) {
        List<List<String>> merges = new ArrayList<>();
        for (JsonNode merge : model.get("merges").items()) {
            List<String> pair =
                    merge.value() instanceof JsonValue.Text(String line)
                            ? List.of(line.split(" ", 2))
                            : merge.items().stream().map(JsonNode::text).toList();
            if (pair.size() != 2) {
                throw merge.wrong("wanted two texts");
            }
            merges.add(pair);
        }
        return merges;
    }

    /// {@return the place of the first id of the probe that is another, −1 if none is}
    private int difference() {
        Tokenizer other = Tokenizer.from(new Metadata(file, keys.values()));
        for (boolean special : new boolean[] {false, true}) {
            int at =
                    Arrays.mismatch(
                            tokenizer.encode(PROBE, special, false),
                            other.encode(PROBE, special, false));
            if (at >= 0) {
                return at;
            }
        }
        return -1;
    }
}
