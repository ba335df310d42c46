package dev.jinrai.tokenizer;

import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.Metadata;
import dev.jinrai.gguf.MetadataValue;
import dev.jinrai.tokenizer.pipeline.Utf8Decoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads what llama.cpp did with a vocabulary and says where we differ.
///
/// Published vocabularies may not enter the project: they are checked when the system property
/// `jinrai.reference` names the folder that has them.
final class TokenizerGoldens {
    static final String REFERENCE = System.getProperty("jinrai.reference", "");
    private static final JsonMapper JSON = new JsonMapper();

    /// Pre-tokenizers with words that llama.cpp split: the files of `tokenizers/pre_split`.
    private static final List<String> SPLITS =
            List.of(
                    "afmoe",
                    "bloom",
                    "chameleon",
                    "dbrx",
                    "deepseek-coder",
                    "deepseek-llm",
                    "deepseek-v3",
                    "default",
                    "exaone-moe",
                    "falcon",
                    "gemma4",
                    "gpt-2",
                    "gpt-4o",
                    "granite-embed-multi-97m",
                    "jais-2",
                    "kimi-k2",
                    "laguna",
                    "llama-bpe",
                    "minicpm5",
                    "qwen2",
                    "qwen35",
                    "seed-coder",
                    "starcoder",
                    "superbpe",
                    "tekken",
                    "tiny_aya",
                    "viking",
                    "youtu");

    /// Those of them that the reference folder has no real words for.
    private static final Set<String> WITHOUT_REAL_WORDS =
            Set.of(
                    "granite-embed-multi-97m",
                    "jais-2",
                    "laguna",
                    "minicpm5",
                    "qwen35",
                    "seed-coder");

    private TokenizerGoldens() {}

    static Stream<String> splits() {
        return SPLITS.stream();
    }

    static Stream<String> realWords() {
        return SPLITS.stream().filter(name -> !WITHOUT_REAL_WORDS.contains(name));
    }

    static Tokenizer open(Path file) {
        try (Gguf gguf = Gguf.open(file)) {
            return Tokenizer.from(gguf.metadata());
        }
    }

    /// A vocabulary with the name of another pre-tokenizer.
    static Tokenizer open(Path file, String pre) {
        return open(file, "tokenizer.ggml.pre", new MetadataValue.Text(pre));
    }

    /// A vocabulary that says something else, or more, than its file.
    static Tokenizer open(Path file, String otherKey, MetadataValue otherValue) {
        try (Gguf gguf = Gguf.open(file)) {
            Metadata metadata = gguf.metadata();
            Map<String, MetadataValue> values = new HashMap<>();
            for (String key : metadata.keys()) {
                values.put(key, metadata.find(key).orElseThrow());
            }
            values.put(otherKey, otherValue);
            return Tokenizer.from(new Metadata("test", values));
        }
    }

    static List<JsonNode> read(Path file) {
        try {
            return Files.readAllLines(file).stream().map(JSON::readTree).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What differs in a file of cases, by the name of the file.
    static List<String> wrong(String part, Tokenizer tokenizer, List<JsonNode> lines) {
        return switch (part) {
            case "pieces" -> wrongPieces(tokenizer, lines);
            case "detokenize" -> {
                List<String> wrong = wrongTexts(tokenizer, lines);
                wrong.addAll(wrongStreams(tokenizer, lines));
                yield wrong;
            }
            default -> wrongIds(tokenizer, lines);
        };
    }

    static List<String> wrongIds(Tokenizer tokenizer, List<JsonNode> lines) {
        List<String> wrong = new ArrayList<>();
        for (JsonNode line : lines) {
            boolean addSpecial = line.path("add_special").asBoolean(false);
            boolean parseSpecial = line.path("parse_special").asBoolean(false);
            int[] ids = tokenizer.encode(line.get("text").asString(), addSpecial, parseSpecial);
            if (!Arrays.equals(ids, ids(line))) {
                wrong.add(line + " got " + Arrays.toString(ids));
            }
        }
        return wrong;
    }

    static List<String> wrongPieces(Tokenizer tokenizer, List<JsonNode> lines) {
        List<String> wrong = new ArrayList<>();
        for (JsonNode line : lines) {
            int id = line.get("id").asInt();
            String plain = HexFormat.of().formatHex(tokenizer.piece(id, false));
            String special = HexFormat.of().formatHex(tokenizer.piece(id, true));
            if (!plain.equals(line.get("hex").asString())
                    || !special.equals(line.get("hex_special").asString())) {
                wrong.add(line + " got " + plain + " and " + special);
            }
        }
        return wrong;
    }

    static List<String> wrongTexts(Tokenizer tokenizer, List<JsonNode> lines) {
        List<String> wrong = new ArrayList<>();
        for (JsonNode line : lines) {
            boolean removeSpecial = line.get("remove_special").asBoolean();
            boolean unparseSpecial = line.get("unparse_special").asBoolean();
            byte[] bytes = tokenizer.decodeBytes(ids(line), removeSpecial, unparseSpecial);
            if (!HexFormat.of().formatHex(bytes).equals(line.get("hex").asString())) {
                wrong.add(line + " got " + HexFormat.of().formatHex(bytes));
            }
        }
        return wrong;
    }

    static List<String> wrongStreams(Tokenizer tokenizer, List<JsonNode> lines) {
        List<String> wrong = new ArrayList<>();
        for (JsonNode line : lines) {
            boolean removeSpecial = line.get("remove_special").asBoolean();
            boolean unparseSpecial = line.get("unparse_special").asBoolean();
            Detokenizer stream = Detokenizer.fromStart(tokenizer, removeSpecial, unparseSpecial);
            StringBuilder text = new StringBuilder();
            for (int id : ids(line)) {
                text.append(stream.append(id));
            }
            text.append(stream.flush());
            byte[] golden = HexFormat.of().parseHex(line.get("hex").asString());
            if (!text.toString().equals(text(golden))) {
                wrong.add(line + " streamed " + text);
            }
        }
        return wrong;
    }

    private static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) { // what becomes of it, Utf8DecoderTest knows
            StringBuilder text = new StringBuilder();
            Utf8Decoder utf8 = new Utf8Decoder();
            utf8.append(bytes, text);
            utf8.flush(text);
            return text.toString();
        }
    }

    private static int[] ids(JsonNode line) {
        return line.get("ids").valueStream().mapToInt(JsonNode::asInt).toArray();
    }
}
