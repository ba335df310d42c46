package dev.jinrai.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.model.ModelException;
import dev.jinrai.testing.Goldens;
import dev.jinrai.tokenizer.TokenizerException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a directory asks for is done, or is an error that names it.
class HostileDirectoriesTest {
    @TempDir private Path folder;

    @BeforeEach
    void copy() throws IOException {
        copy("mistral");
    }

    private void copy(String name) throws IOException {
        Path source = Goldens.file("huggingface/" + name + "/config.json").resolveSibling("");
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.write(folder.resolve(file.getFileName()), Files.readAllBytes(file));
            }
        }
    }

    private void replace(String file, String regex, String by) throws IOException {
        Path path = folder.resolve(file);
        String text = Files.readString(path);
        String other = text.replaceFirst(regex, by);
        assertThat(other).as("%s with another %s", file, regex).isNotEqualTo(text);
        Files.writeString(path, other);
    }

    private Model open() {
        return Model.open(folder, ModelOptions.DEFAULTS.withBackend("scalar"));
    }

    private void refused(String... parts) {
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> open().close())
                .withMessageContainingAll(parts)
                .satisfies(e ->
                        assertThat(("" + e.getMessage()).codePoints())
                                .noneMatch(Character::isISOControl));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            textBlock =
                    """
                    "MistralForCausalLM"     ¦ "MambaForCausalLM"          ¦ architectures: 'MambaForCausalLM' is not supported (known: LLaMAForCausalLM
                    \\[\\s*"MistralForCausalLM"\\s*\\] ¦ []                     ¦ architectures: wanted one class, got 0
                    "hidden_act": "silu"     ¦ "hidden_act": "gelu"        ¦ hidden_act: 'gelu' is not supported
                    "hidden_size": 32        ¦ "hidden_size": 0            ¦ hidden_size: wanted a whole number of 1
                    "hidden_size": 32        ¦ "hidden_size": "32"         ¦ hidden_size: wanted a number, got a string
                    "hidden_size": 32,       ¦ ''                          ¦ has no key 'hidden_size'
                    "rms_norm_eps": 1e-05,   ¦ ''                          ¦ has no key 'rms_norm_eps'
                    "num_hidden_layers": 2   ¦ "num_hidden_layers": 2000000000 ¦ num_hidden_layers: wanted 1 to 21, the number of tensors
                    "num_hidden_layers": 2   ¦ "num_hidden_layers": 3      ¦ model.layers.2.input_layernorm.weight: missing
                    "num_hidden_layers": 2   ¦ "num_hidden_layers": 1      ¦ model.layers.1.input_layernorm.weight: unexpected
                    "intermediate_size": 48  ¦ "intermediate_size": 47     ¦ model.layers.0.mlp.gate_proj.weight: wanted [32, 47], got [32, 48]
                    "rope_type": "default"   ¦ "rope_type": "longrope"     ¦ rope_parameters.rope_type: 'longrope' is not supported
                    "rope_type": "default"   ¦ "rope_type": "linear"       ¦ has no key 'factor'
                    "rope_type": "default"   ¦ "rope_type": "linear", "factor": 0.5 ¦ factor: wanted a finite number from 1
                    "rope_type": "default"   ¦ "rope_type": "yarn", "factor": 2, "truncate": false ¦ truncate: false is not supported
                    "rope_theta": 10000.0    ¦ "rope_theta": 1             ¦ rope_theta: wanted a finite number above 1
                    "use_cache": true        ¦ "rope_scaling": {"type": "linear", "factor": 2} ¦ rope_scaling: said too by rope_parameters
                    "use_cache": true        ¦ "attention_bias": true      ¦ attention_bias: true is not supported
                    "use_cache": true        ¦ "mlp_bias": true            ¦ mlp_bias: true is not supported
                    "use_cache": true        ¦ "partial_rotary_factor": 0.4 ¦ partial_rotary_factor: wanted a part of a head of 8
                    "use_cache": true        ¦ "quantization_config": {"quant_method": "gptq"} ¦ quantization_config.quant_method: 'gptq' is not supported
                    "use_cache": true        ¦ "hidden_size": 32           ¦ key 'hidden_size' stands twice
                    """)
    void namesTheSettingItCannotFollow(String setting, String by, String problem)
            throws IOException {
        replace("config.json", setting, by);
        refused(folder.toString(), problem);
    }

    @Test
    void numbersTakeNoMemoryBeforeTheyAreChecked() throws IOException {
        copy("llama");
        replace("config.json", "\"vocab_size\": \\d+", "\"vocab_size\": 2000000000");
        assertThatThrownBy(
                        () -> {
                            try (var checkpoint = HuggingFaceCheckpoint.open(folder)) {
                                Conversion.of(checkpoint, Conversion.Type.AUTO, true);
                            }
                        })
                .hasMessageContaining("vocab_size: wanted at most 4194304, got 2000000000");
        copy("mistral");
        replace("config.json", "\"head_dim\": \\d+", "\"head_dim\": 2147483646");
        refused("head_dim: wanted at most 65536, got 2147483646");
    }

    @Test
    void aFamilyHasItsOwnBaseOfPositions() throws IOException {
        for (String name : new String[] {"mistral", "mixtral"}) {
            copy(name);
            replace("config.json", "\"rope_theta\": 10000.0,", "");
            try (Model model = open()) {
                assertThat(model.metadata().float32("llama.rope.freq_base", 0))
                        .isEqualTo(name.equals("mixtral") ? 1e6f : 1e4f);
            }
        }
    }

    /// A folder stands for a pipe, whose reading would wait.
    @Test
    void namesWhatIsNoRegularFile() throws IOException {
        copy("llama");
        for (String name :
                new String[] {
                    "chat_template.jinja", "tokenizer_config.json", "generation_config.json"
                }) {
            Files.deleteIfExists(folder.resolve(name));
            Files.createDirectory(folder.resolve(name));
            refused(name + ": is not a regular file");
            Files.delete(folder.resolve(name));
        }
        Files.delete(folder.resolve("tokenizer.model"));
        Files.createDirectory(folder.resolve("tokenizer.model"));
        try (Model model = open()) {
            assertThatThrownBy(model::tokenizer)
                    .hasMessageContaining("tokenizer.model: is not a regular file");
        }
    }

    @Test
    void wantsTheOutputMatrixUnlessItIsTied() throws IOException {
        copy("llama3");
        Files.delete(folder.resolve("model.safetensors")); // mistral's
        replace("config.json", "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false");
        refused("no tensor for the output matrix, and tie_word_embeddings is not true");
    }

    @Test
    void ignoresAnOutputMatrixThatIsTied() throws IOException {
        replace("config.json", "\"tie_word_embeddings\": false", "\"tie_word_embeddings\": true");
        try (Model model = open()) {
            assertThat(model.checkpoint().tensorNames()).doesNotContain("output.weight");
        }
    }

    @Test
    void tellsWhatHasNoEffect() throws IOException {
        replace("config.json", "\"use_cache\": true", "\"logit_scale\": 2, \"flavour\": \"x\"");
        try (Model model = open()) {
            assertThat(model.notices())
                    .containsExactly(
                            folder
                                    + ": sliding_window is not supported: the context ends where"
                                    + " the window does, at 24",
                            folder + ": config.json has no effect: 'logit_scale', 'flavour'");
            assertThat(model.contextLength()).isEqualTo(24);
        }
    }

    @Test
    void aWindowThatIsNullOrWideCutsNothing() throws IOException {
        replace("config.json", "\"sliding_window\": 24", "\"sliding_window\": null");
        try (Model model = open()) {
            assertThat(model.notices()).isEmpty();
            assertThat(model.contextLength()).isEqualTo(64);
        }
        replace("config.json", "\"sliding_window\": null,", ""); // the class's default is 4096
        try (Model model = open()) {
            assertThat(model.contextLength()).isEqualTo(64);
        }
    }

    @Test
    void refusesF8ThatItCannotScale() throws IOException {
        copy("fp8-block");
        replace("config.json", "32\\s*\\]", "8 ]");
        refused("model.layers.0.", "_scale_inv: wanted one scale");
        replace("config.json", "\"weight_block_size\"", "\"other\"");
        refused("_scale_inv: wanted one scale, one a row");
        byte[] weights = Files.readAllBytes(folder.resolve("model.safetensors"));
        String text = new String(weights, StandardCharsets.ISO_8859_1);
        text = text.replace("weight_scale_inv", "weight_scale_xyz");
        Files.write(
                folder.resolve("model.safetensors"), text.getBytes(StandardCharsets.ISO_8859_1));
        refused("F8_E4M3 without a tensor of that name and _scale");
    }

    @Test
    void refusesTypesItCannotRun() throws IOException {
        byte[] weights = Files.readAllBytes(folder.resolve("model.safetensors"));
        String text = new String(weights, StandardCharsets.ISO_8859_1);
        text = text.replaceFirst("\"F16\"", "\"I16\"");
        Files.write(
                folder.resolve("model.safetensors"), text.getBytes(StandardCharsets.ISO_8859_1));
        refused("lm_head.weight: I16 is not supported (known: BF16, F16, F32");
    }

    @Test
    void boundsExpertsByTheTensorsThereAre() throws IOException {
        copy("mixtral");
        replace("config.json", "\"num_local_experts\": 4", "\"num_local_experts\": 2000000000");
        refused("2000000000 experts in each of 2 layers, and 41 tensors");
        replace("config.json", "\"num_local_experts\": 2000000000", "\"num_local_experts\": 5");
        refused(
                "layer 0 has 4 of its 5 tensors"
                        + " model.layers.0.block_sparse_moe.experts.{expert}.w1");
    }

    @Test
    void aDirectoryWithoutConfigIsOneLine() throws IOException {
        Files.delete(folder.resolve("config.json"));
        refused("config.json: no such file");
        Files.writeString(folder.resolve("config.json"), "[1]");
        refused("config.json: wanted an object, got an array");
        Files.writeString(folder.resolve("config.json"), "{\"architectures\":");
        refused("config.json: line 1, column");
    }

    @Test
    void readsEveryMutantOfAConfigurationOrRefusesIt() throws IOException {
        String original = Files.readString(folder.resolve("config.json"));
        int opened = 0;
        for (int seed = 0; seed < 400; seed++) {
            var random = new Random(seed);
            var mutant = new StringBuilder(original);
            for (int damages = 1 + random.nextInt(2); damages > 0; damages--) {
                mutant.setCharAt(
                        random.nextInt(mutant.length()),
                        "{}[]\",:0123456789-e.n".charAt(random.nextInt(21)));
            }
            Files.writeString(folder.resolve("config.json"), mutant);
            try (var checkpoint = HuggingFaceCheckpoint.open(folder)) {
                checkpoint.notices();
                checkpoint.tensorNames().forEach(checkpoint::tensor);
                opened++;
            } catch (ModelException e) {
                assertThat(e.getMessage()).as("seed %d", seed).isNotEmpty().hasSizeLessThan(1000);
            }
        }
        assertThat(opened).isBetween(20, 380);
    }

    @Test
    void everyTruncationAndMutantOfATokenizerModelIsReadOrRefused() throws IOException {
        Path file = Goldens.file("huggingface/llama/tokenizer.model");
        byte[] whole = Files.readAllBytes(file);
        assertThat(TokenizerModel.read(file).pieces()).hasSize(384);
        int read = 0;
        for (int seed = 0; seed < 2000; seed++) {
            var random = new Random(seed);
            byte[] mutant = whole.clone();
            if (seed % 2 == 0) {
                mutant = Arrays.copyOf(mutant, random.nextInt(mutant.length));
            } else {
                for (int damages = 1 + random.nextInt(4); damages > 0; damages--) {
                    mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
                }
            }
            try {
                TokenizerModel.parse(mutant);
                read++;
            } catch (TokenizerException e) {
                assertThat(e.getMessage()).as("seed %d", seed).hasSizeLessThan(400);
                assertThat(("" + e.getMessage()).codePoints()).noneMatch(Character::isISOControl);
            }
        }
        assertThat(read).isBetween(50, 1900);
    }

    @Test
    void aTokenizerModelThatIsNoneIsOneLine() {
        assertThatThrownBy(() -> TokenizerModel.parse(new byte[0]))
                .hasMessage("has no pieces, is no model of SentencePiece");
        assertThatThrownBy(() -> TokenizerModel.parse(new byte[] {10, (byte) 0xFF, 1}))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("runs past the end");
        assertThatThrownBy(() ->
                        TokenizerModel.parse("{\"version\": 1}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(TokenizerException.class);
    }
}
