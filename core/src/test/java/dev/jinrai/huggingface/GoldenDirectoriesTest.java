package dev.jinrai.huggingface;

import static java.text.Normalizer.Form.NFC;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.Session;
import dev.jinrai.backend.KvType;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.Metadata;
import dev.jinrai.gguf.TensorInfo;
import dev.jinrai.json.Json;
import dev.jinrai.json.JsonNode;
import dev.jinrai.safetensors.Shards;
import dev.jinrai.testing.Goldens;
import dev.jinrai.testing.Nmse;
import dev.jinrai.tokenizer.Tokenizer;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Directories are run, and converted, to the logits and the greedy ids of `transformers` in float64.
class GoldenDirectoriesTest {
    private static final List<String> MODELS =
            List.of("llama", "llama3", "mistral", "mixtral", "fp8-block", "fp8-tensor");

    @TempDir private Path folder;

    static Stream<Path> directories() {
        return MODELS.stream().map(GoldenDirectoriesTest::directory);
    }

    private static Path directory(String name) {
        return Goldens.file("huggingface/" + name + "/config.json").resolveSibling("");
    }

    /// What `transformers` computes.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Expected(int[] tokens, int[] greedy, float[] logits) {
        static Expected read(Path directory, String name) throws IOException {
            JsonNode root = Json.read(directory.resolve(name + ".json"));
            var bytes = ByteBuffer.wrap(Files.readAllBytes(directory.resolve(name + ".f32")));
            float[] logits = new float[bytes.remaining() / Float.BYTES];
            bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(logits);
            return new Expected(ints(root.get("tokens")), ints(root.get("greedy")), logits);
        }

        private static int[] ints(JsonNode list) {
            return list.items().stream().mapToInt(id -> id.whole(0, 1 << 20)).toArray();
        }
    }

    private static void check(Path model, Expected expected, String backend) {
        var options = ModelOptions.DEFAULTS.withBackend(backend).withThreads(2);
        try (Model opened = Model.open(model, options.withKvType(KvType.F32));
                Session session = opened.newSession()) {
            float[] logits = new float[expected.logits.length];
            session.feed(
                    expected.tokens,
                    (index, row) ->
                            System.arraycopy(row, 0, logits, index * row.length, row.length));
            Nmse.of(logits, expected.logits).isWithin(NMSE, MAX_ABS, model + " on " + backend);
            int[] greedy = new int[expected.greedy.length];
            int rows = expected.tokens.length;
            float[] last =
                    Arrays.copyOfRange(logits, logits.length / rows * (rows - 1), logits.length);
            for (int i = 0; i < greedy.length; i++) {
                for (int id = 1; id < last.length; id++) {
                    greedy[i] = last[id] > last[greedy[i]] ? id : greedy[i];
                }
                last = session.feed(greedy[i]);
            }
            assertThat(greedy).containsExactly(expected.greedy);
        }
    }

    // As for llama.cpp's goldens: ten to a hundred times what another order of summation makes.
    private static final double NMSE = 1e-10;
    private static final double MAX_ABS = 3e-4;

    @ParameterizedTest
    @MethodSource("directories")
    void runsADirectoryAsTransformersDoes(Path directory) throws IOException {
        var expected = Expected.read(directory, "golden");
        check(directory, expected, "scalar");
        check(directory, expected, "cpu");
    }

    @ParameterizedTest
    @ValueSource(strings = {"linear", "llama3", "yarn", "yarn-factor", "yarn-mscale", "dynamic"})
    void scalesPositionsAsTransformersDoes(String variant) throws IOException {
        Path source = directory("llama");
        Path copy = copy(source);
        Files.copy(
                source.resolve("variants/" + variant + ".config.json"),
                copy.resolve("config.json"),
                StandardCopyOption.REPLACE_EXISTING);
        var expected = Expected.read(source.resolve("variants"), variant);
        check(copy, expected, "scalar");
        Path converted = folder.resolve("converted.gguf");
        convert(copy, converted, Conversion.Type.F32);
        check(converted, expected, "scalar");
    }

    private Path copy(Path source) throws IOException {
        Path copy = Files.createDirectory(folder.resolve("copy"));
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    private static Conversion convert(Path directory, Path file, Conversion.Type type) {
        try (var checkpoint = HuggingFaceCheckpoint.open(directory)) {
            var conversion = Conversion.of(checkpoint, type, false);
            conversion.write(file, (tensor, done, total) -> {});
            return conversion;
        }
    }

    /// Names of llama.cpp's conversion, which are spelled out here once more.
    @ParameterizedTest
    @CsvSource({
        "model.embed_tokens.weight, token_embd.weight, 1",
        "lm_head.weight, output.weight, 1",
        "model.norm.weight, output_norm.weight, 1",
        "model.layers.1.self_attn.v_proj.weight, blk.1.attn_v.weight, 1",
        "model.layers.0.self_attn.o_proj.weight, blk.0.attn_output.weight, 1",
        "model.layers.0.mlp.down_proj.weight, blk.0.ffn_down.weight, 1",
        "model.layers.0.mlp.gate_proj.weight, blk.0.ffn_gate.weight, 1",
        "model.layers.1.mlp.up_proj.weight, blk.1.ffn_up.weight, 1",
        "model.layers.1.input_layernorm.weight, blk.1.attn_norm.weight, 1",
        "model.layers.1.post_attention_layernorm.weight, blk.1.ffn_norm.weight, 1",
        "model.layers.0.self_attn.q_proj.weight, blk.0.attn_q.weight, 4",
        "model.layers.0.self_attn.k_proj.weight, blk.0.attn_k.weight, 2"
    })
    void convertsEachTensorToTheSameBytes(String from, String to, int heads) throws IOException {
        Path file = folder.resolve("llama.gguf");
        convert(directory("llama"), file, Conversion.Type.F32);
        byte[] source;
        try (Shards shards = Shards.open(directory("llama"))) {
            source = shards.data(from).toArray(ValueLayout.JAVA_BYTE);
        }
        byte[] wanted = heads == 1 ? source : interleaved(source, heads);
        try (Gguf gguf = Gguf.open(file)) {
            TensorInfo tensor = gguf.tensor(to).orElseThrow();
            assertThat(gguf.data(tensor).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(wanted);
            assertThat(gguf.tensors()).hasSize(21);
        }
    }

    /// `reshape(heads, 2, half, row).swapaxes(1, 2)`
    private static byte[] interleaved(byte[] rows, int heads) {
        int half = 8;
        int row = rows.length / heads / half / 2;
        var out = ByteBuffer.allocate(rows.length);
        for (int head = 0; head < heads; head++) {
            for (int i = 0; i < half; i++) {
                out.put(rows, (head * 2 * half + i) * row, row);
                out.put(rows, (head * 2 * half + half + i) * row, row);
            }
        }
        return out.array();
    }

    @ParameterizedTest
    @MethodSource("directories")
    void convertsADirectoryToAFileWithTheSameLogits(Path directory) throws IOException {
        Path file = folder.resolve("converted.gguf");
        boolean f32 = directory.endsWith("llama") || directory.endsWith("mixtral");
        // transformers runs F8 as BF16; otherwise a file of as many bits as the directory has is
        // exact.
        convert(directory, file, f32 ? Conversion.Type.F32 : Conversion.Type.AUTO);
        check(file, Expected.read(directory, "golden"), "scalar");
        convert(directory, file, Conversion.Type.Q8_0);
        try (Gguf gguf = Gguf.open(file)) {
            assertThat(gguf.metadata().int32("general.file_type")).isEqualTo(7);
        }
    }

    @Test
    void writesTheKeysOfLlamaCppsConversion() throws IOException {
        Path file = folder.resolve("llama.gguf");
        convert(directory("llama"), file, Conversion.Type.F16);
        try (Gguf gguf = Gguf.open(file)) {
            Metadata keys = gguf.metadata();
            assertThat(keys.string("tokenizer.ggml.model")).isEqualTo("llama");
            assertThat(keys.strings("tokenizer.ggml.tokens"))
                    .hasSize(392)
                    .endsWith(
                            "[PAD386]", "[PAD387]", "[PAD388]", "[PAD389]", "[PAD390]", "[PAD391]")
                    .contains("<turn>", "<0x0A>");
            int[] types = keys.ints("tokenizer.ggml.token_type");
            assertThat(types[0]).isEqualTo(3); // <unk>, which the settings call special
            assertThat(types[13]).isEqualTo(6);
            assertThat(types[384]).isEqualTo(3);
            assertThat(types[385]).isEqualTo(4);
            assertThat(types[390]).isEqualTo(5);
            assertThat(keys.int32("tokenizer.ggml.eos_token_id")).isEqualTo(2);
            assertThat(keys.int32("tokenizer.ggml.eot_token_id")).isEqualTo(384);
            assertThat(keys.float32("general.sampling.temp")).isEqualTo(0.6f);
            assertThat(keys.int32("general.file_type")).isEqualTo(1);
            assertThat(keys.string("general.size_label")).isEqualTo("64K");
            assertThat(keys.string("tokenizer.chat_template"))
                    .startsWith("{% for m in messages %}");
        }
    }

    @Test
    void tokenizesAsSentencePieceDoes() throws IOException {
        try (var checkpoint = HuggingFaceCheckpoint.open(directory("llama"))) {
            Tokenizer tokenizer = checkpoint.tokenizer();
            List<String> lines = Files.readAllLines(directory("llama").resolve("tokenizer.jsonl"));
            assertThat(lines).hasSize(9);
            for (String line : lines) {
                JsonNode one = Json.parse(line);
                assertThat(tokenizer.encode(one.get("text").text(), false, false))
                        .as(line)
                        .containsExactly(Expected.ints(one.get("ids")));
            }
            assertThat(tokenizer.vocabulary().endOfGeneration()).contains(2, 384);
            assertThat(tokenizer.encode("<turn>a</s>", true, true)).startsWith(1, 384).endsWith(2);
        }
    }

    /// A GGUF file names a tokenizer; the one that is named does what tokenizer.json says.
    @ParameterizedTest
    @CsvSource({
        "llama3, llama-bpe",
        "gpt2, gpt-2",
        "qwen2, qwen2",
        "llama2, default",
        "deepseek3, deepseek-v3",
        "o200k, granite-embed-multi-97m"
    })
    void findsTheTokenizerThatDoesWhatTheFileSays(String name, String pre) throws IOException {
        Path source = Goldens.file("tokenizers/huggingface/" + name + "/tokenizer.json");
        Files.copy(source, folder.resolve("tokenizer.json"));
        var keys = new GgufKeys();
        TokenizerKeys.write(folder, 2000, keys);
        var metadata = new Metadata(name, keys.values());
        assertThat(metadata.string("tokenizer.ggml.pre")).isEqualTo(pre);
        Tokenizer tokenizer = Tokenizer.from(metadata);
        int cases = 0;
        for (String line : Files.readAllLines(source.resolveSibling("cases.jsonl"))) {
            JsonNode one = Json.parse(line);
            if (one.find("text").isEmpty()
                    || !Normalizer.isNormalized(one.get("text").text(), NFC)) {
                continue;
            }
            boolean special = one.flag("add_special", false);
            boolean parse = one.flag("parse_special", false);
            assertThat(tokenizer.encode(one.get("text").text(), special, parse))
                    .as(line)
                    .containsExactly(Expected.ints(one.get("ids")));
            cases++;
        }
        assertThat(cases).isPositive();
    }
}
