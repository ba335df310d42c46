package dev.jinrai.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jinrai.quantize.Imatrix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
                .containsPattern("model.layers.1.self_attn.q_proj.weight +F32 +64×40")
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
    void whatIsGivenForSomethingElseIsToldWhatToDo() throws IOException {
        String weights = LLAMA + "/model.safetensors";
        kept(
                "is a part of a model of Hugging Face; give the directory, " + LLAMA,
                "run",
                "-m",
                weights,
                "-p",
                "a");
        kept(
                "is a part of a model of Hugging Face; give the directory, ",
                "run",
                "-m",
                directory("llama3") + "/tokenizer.json",
                "-p",
                "a");
        String out = folder.resolve("out.gguf").toString();
        kept(
                "is a directory of Hugging Face, wanted a GGUF file; 'jinrai convert' makes one",
                "quantize",
                LLAMA,
                out,
                "Q8_0");
        kept(
                "is a part of a model of Hugging Face, wanted a GGUF file",
                "quantize",
                weights,
                out,
                "Q8_0");
        kept("is a file, wanted a directory of Hugging Face", "convert", weights, out);
        assertThat(Captured.run("convert", LLAMA, out, "--vocab-only").code()).isZero();
        kept(
                "out.gguf: has no weights, only a vocabulary: it tokenizes, but cannot run",
                "run",
                "-m",
                out,
                "-p",
                "a");
    }

    @Test
    void whatADirectoryHoldsIsNotOverwritten() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        for (String name :
                List.of(
                        "config.json",
                        "model.safetensors",
                        "tokenizer.model",
                        "tokenizer_config.json")) {
            Files.copy(Path.of(LLAMA, name), model.resolve(name));
        }
        Path link =
                Files.createSymbolicLink(folder.resolve("link.gguf"), model.resolve("config.json"));
        Path text = Files.writeString(folder.resolve("text.gguf"), "Once upon a time. ".repeat(20));
        List<String> before = contents(model);

        String in = model.toString();
        for (Path out :
                List.of(
                        model.resolve("model.safetensors"),
                        model.resolve("config.json"),
                        model.resolve("../model/tokenizer.model"),
                        link)) {
            kept(
                    "is a file of the model itself, and is not overwritten",
                    "convert",
                    in,
                    out.toString());
            kept(
                    "is a file of the model itself, and is not overwritten",
                    "imatrix",
                    "-m",
                    in,
                    "-b",
                    "scalar",
                    "-c",
                    "16",
                    "-f",
                    text.toString(),
                    "-o",
                    out.toString());
        }
        kept(
                "is in the model's directory, where only a file named *.gguf is written",
                "convert",
                in,
                model.resolve("tokenizer.json").toString());
        kept(
                "is the text itself, and is not overwritten",
                "imatrix",
                "-m",
                in,
                "-c",
                "16",
                "-f",
                text.toString(),
                "-o",
                text.toString());
        assertThat(contents(model)).isEqualTo(before);
        assertThat(Files.isSymbolicLink(link)).isTrue();

        String own = model.resolve("own.gguf").toString();
        assertThat(Captured.run("convert", in, own).code()).isZero();
        assertThat(Captured.run("convert", in, own).code()).as("again").isZero();
        Captured nowhere = Captured.run("convert", in, "-");
        assertThat(nowhere.err()).contains("wanted a file to write, got '-'").hasLineCount(1);
        assertThat(nowhere.code()).isEqualTo(2);
    }

    private static void kept(String problem, String... arguments) {
        Captured result = Captured.run(arguments);
        assertThat(result.err()).contains(problem).hasLineCount(1);
        assertThat(result.code()).isEqualTo(1);
    }

    private static List<String> contents(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().map(HuggingFaceTest::described).toList();
        }
    }

    private static String described(Path file) {
        try {
            return file + ": " + Arrays.hashCode(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Columns stay where they are when a directory is converted, so the inputs of each matrix are the same.
    @Test
    void aDirectoryHasTheImportanceMatrixOfItsFile() throws IOException {
        String file = folder.resolve("llama.gguf").toString();
        assertThat(Captured.run("convert", LLAMA, file, "--outtype", "f32").code()).isZero();
        Path text = Files.writeString(folder.resolve("text"), "Once upon a time. ".repeat(20));
        var matrices = new ArrayList<Imatrix>();
        for (String model : List.of(LLAMA, file)) {
            String out = folder.resolve("imatrix.gguf").toString();
            Captured written =
                    Captured.run(
                            "imatrix",
                            "-m",
                            model,
                            "-b",
                            "scalar",
                            "-c",
                            "16",
                            "--chunks",
                            "2",
                            "--process-output",
                            "-f",
                            text.toString(),
                            "-o",
                            out);
            assertThat(written.code()).as(written.err()).isZero();
            matrices.add(Imatrix.read(Path.of(out)));
        }
        var direct = matrices.getFirst().entries();
        var converted = matrices.getLast().entries();
        assertThat(direct.keySet())
                .isEqualTo(converted.keySet())
                .contains("blk.0.attn_q.weight", "blk.1.ffn_down.weight", "output.weight")
                .hasSize(2 * 7 + 1);
        // The sum over a head goes through its values in another order: one rounding of a half or
        // so.
        for (var entry : converted.entrySet()) {
            assertThat(direct)
                    .hasEntrySatisfying(
                            entry.getKey(),
                            own ->
                                    assertThat(own.sums())
                                            .containsExactly(
                                                    entry.getValue().sums(), within(1e-4f)));
        }
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
