package dev.jinrai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Directories of Hugging Face from the command line.
class HuggingFaceTest {
    private static final String LLAMA = directory("llama");

    @TempDir private Path folder;

    private static String directory(String name) {
        String config = Repository.file("goldens/huggingface/" + name + "/config.json");
        return config.substring(0, config.length() - "/config.json".length());
    }

    @Test
    void aDirectoryAndWhatIsConvertedFromItSayTheSame() {
        String file = folder.resolve("llama.gguf").toString();
        Captured converted = Captured.run("convert", LLAMA, file, "--outtype", "f32", "--json");
        assertThat(converted.err()).isEmpty();
        JsonNode report = JsonMapper.shared().readTree(converted.out());
        assertThat(report.get("tensors").asInt()).isEqualTo(21);
        assertThat(report.get("type").asString()).isEqualTo("f32");

        String text = "Once upon a time";
        String ids = Captured.run("tokenize", "-m", LLAMA, text).out();
        assertThat(ids).matches("1(,\\d+)+\n");
        assertThat(Captured.run("tokenize", "-m", file, text).out()).isEqualTo(ids);
        String[] run = {"run", "-b", "scalar", "-n", "8", "--temperature", "0", "-p", text, "-m"};
        Captured direct = Captured.run(with(run, LLAMA));
        assertThat(direct.code()).as(direct.err()).isZero();
        assertThat(Captured.run(with(run, file)).out()).isEqualTo(direct.out());
    }

    private static String[] with(String[] arguments, String model) {
        return Stream.concat(Stream.of(arguments), Stream.of(model)).toArray(String[]::new);
    }

    @Test
    void inspectShowsADirectoryAndAFileOfIt() {
        String page = Captured.run("inspect", LLAMA, "--tensors").out();
        assertThat(page)
                .contains("safetensors, 258944 bytes in 1 file")
                .contains("llama.attention.head_count_kv")
                .contains("model.layers.1.self_attn.q_proj.weight  F32    64×40")
                .containsPattern("runs it +yes")
                .containsPattern("tokenizer +yes");
        String file = LLAMA + "/model.safetensors";
        JsonNode json =
                JsonMapper.shared()
                        .readTree(Captured.run("inspect", file, "--json", "--tensors").out());
        assertThat(json.get("parameters").asLong()).isEqualTo(64_200);
        assertThat(json.get("tensors").get(0).get("shape").toString()).isEqualTo("[392,40]");
        assertThat(Captured.run("inspect", LLAMA, "--verify").code()).isEqualTo(2);
    }

    @Test
    void whatCannotBeDoneIsOneLineAndLeavesNothing() throws IOException {
        Path out = folder.resolve("out.gguf");
        refused(
                2,
                "--outtype: wanted one of auto, f32, f16, bf16, q8_0, got 'q4_0'",
                LLAMA,
                "--outtype",
                "q4_0");
        refused(1, "absent: no such directory", folder.resolve("absent").toString());
        refused(1, "has no config.json, is no directory of Hugging Face", folder.toString());
        refused(
                1,
                "has neither tokenizer.json nor tokenizer.model",
                directory("mistral"),
                "--vocab-only");
        assertThat(Files.exists(out)).isFalse();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
        Captured into = Captured.run("convert", LLAMA, folder.resolve("no/out.gguf").toString());
        assertThat(into.err()).contains("no directory").hasLineCount(1);
        assertThat(into.code()).isEqualTo(1);
    }

    private void refused(int code, String problem, String... arguments) {
        String[] all =
                Stream.of(
                                Stream.of("convert"),
                                Stream.of(arguments),
                                Stream.of(folder.resolve("out.gguf").toString()))
                        .flatMap(s -> s)
                        .toArray(String[]::new);
        Captured result = Captured.run(all);
        assertThat(result.err()).contains(problem).hasLineCount(1);
        assertThat(result.code()).isEqualTo(code);
    }

    @Test
    void aVocabularyAloneTokenizes() {
        String file = folder.resolve("vocabulary.gguf").toString();
        assertThat(Captured.run("convert", directory("llama3"), file, "--vocab-only").code())
                .isZero();
        String text = "Hello, it's 12345 o'clock\n\n  now";
        assertThat(Captured.run("tokenize", "-m", file, text).out())
                .isEqualTo(Captured.run("tokenize", "-m", directory("llama3"), text).out());
    }
}
