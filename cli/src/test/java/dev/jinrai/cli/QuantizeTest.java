package dev.jinrai.cli;

import static dev.jinrai.cli.Jinrai.jinrai;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class QuantizeTest {
    private static final String F16 = Repository.f16();
    private static final String IMATRIX = Repository.file("goldens/demo/imatrix.gguf");

    @TempDir Path folder;

    @Test
    void writesAFileThatRuns() throws IOException {
        Path out = folder.resolve("q8.gguf");
        Captured written = Captured.run("quantize", F16, out.toString(), "Q8_0");

        assertThat(written.code()).isZero();
        assertThat(written.out()).isEmpty();
        assertThat(written.err())
                .startsWith("[1/57] output.weight F16 → Q8_0\n[2/57] output_norm.weight F32\n")
                .contains(
                        "q8.gguf: Q8_0 takes 6.9 MiB of tensors, 8.51 bits a weight; they were"
                                + " 13.0 MiB, in ");
        Captured run =
                Captured.run(
                        "run",
                        "-m",
                        out.toString(),
                        "-b",
                        "scalar",
                        "-p",
                        "Once upon a time",
                        "-n",
                        "4",
                        "--temperature",
                        "0",
                        "--ignore-eos");
        assertThat(run.code()).isZero();
        assertThat(run.out()).isNotBlank();
        assertThat(files()).containsExactly(out);
    }

    @Test
    void aDryRunShowsTheTypesAndWritesNothing() throws IOException {
        Captured shown = Captured.run("quantize", "--dry-run", F16, "q4_k");
        assertThat(shown.code()).isZero();
        assertThat(shown.out())
                .containsPattern("\n  blk.5.attn_v.weight +256×128 +26.3 KiB +F16 → Q6_K\n")
                .endsWith(
                        "Q4_K_M would take 4.0 MiB of tensors, 4.97 bits a weight; they were 13.0"
                                + " MiB\n");

        Path out = folder.resolve("out.gguf");
        JsonNode report =
                JsonMapper.shared()
                        .readTree(
                                Captured.run(
                                                "quantize",
                                                "--json",
                                                "--dry-run",
                                                "--imatrix",
                                                IMATRIX,
                                                "--tensor-type",
                                                "attn_q=q5_0",
                                                F16,
                                                out.toString(),
                                                "Q4_0")
                                        .out());
        assertThat(report.get("written").asBoolean()).isFalse();
        assertThat(report.get("output").asString()).isEqualTo(out.toString());
        assertThat(report.get("tensors").size()).isEqualTo(57);
        assertThat(
                        report.get("tensors")
                                .valueStream()
                                .filter(t -> t.get("name").asString().contains("attn_q."))
                                .map(t -> t.get("to").asString())
                                .distinct())
                .containsExactly("Q5_0");
        assertThat(files()).isEmpty();
    }

    @Test
    void saysWhatIsWrongInOneLine() throws IOException {
        String out = folder.resolve("out.gguf").toString();
        fails(2, "wanted IN OUT TYPE, got", F16, "Q4_0");
        fails(2, "TYPE: wanted one of BF16, F16, ", F16, out, "Q4_9");
        assertThat(Captured.run("quantize", F16, out, "IQ2_XS").err())
                .endsWith("got 'IQ2_XS', which is read, not written\n");
        fails(
                2,
                "--tensor-type: wanted PATTERN=TYPE, got 'x'",
                F16,
                out,
                "Q4_0",
                "--tensor-type=x");
        fails(2, "--tensor-type: '(' is no regular", F16, out, "Q4_0", "--tensor-type=(=q8_0");
        fails(2, "--pure and --tensor-type mean nothing with F16", F16, out, "F16", "--pure");
        fails(2, "--threads: wanted 1 to 1024, got 0", F16, out, "Q4_0", "-t", "0");
        fails(2, "--include-weights and --exclude", F16, out, "Q4_0", "--include-weights", "x");
        String demo = Repository.file("demo/demo-Q8_0.gguf");
        fails(1, demo + ": output.weight is Q8_0 already: ", demo, out, "Q4_0");
        fails(1, F16 + ": is the model itself, and is not overwritten", F16, F16, "Q4_0");
        Path types = Files.writeString(folder.resolve("types"), "attn_q=Q6_K");
        fails(
                1,
                types + ": is the file of tensor types itself, and is not overwritten",
                F16,
                types.toString(),
                "Q4_0",
                "--tensor-type-file",
                types.toString());
        Files.delete(types);
        fails(2, "wanted a file to write, got '-'", F16, "-", "Q4_0");
        fails(1, out + "/x: cannot be written: no directory " + out, F16, out + "/x", "Q4_0");
        fails(
                1,
                F16 + ": general.type is 'model', wanted 'imatrix'",
                F16,
                out,
                "Q4_0",
                "--imatrix",
                F16);
        fails(
                1,
                IMATRIX + ": is the importance matrix itself, and is not overwritten",
                F16,
                IMATRIX,
                "Q4_0",
                "--imatrix",
                IMATRIX);
        assertThat(files()).isEmpty();
    }

    @Test
    void aFileThatMayNotGrowLeavesNothing() throws IOException {
        var result =
                jinrai("quantize", F16, folder.resolve("out.gguf").toString(), "Q8_0", "--json")
                        .startedBy("sh", "-c", "ulimit -f 2000; exec \"$0\" \"$@\"")
                        .run();

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.errLines()).hasSize(1);
        assertThat(result.err()).contains("out.gguf: cannot be written: File too large");
        assertThat(files()).isEmpty();
    }

    @Test
    void killedItLeavesNothing() throws Exception {
        Path out = folder.resolve("out.gguf");
        // Encodes slowly enough, on one thread, to be met at work.
        Process process = jinrai("quantize", F16, out.toString(), "Q4_K_M", "-t", "1").start();
        try (var err = process.errorReader()) {
            assertThat(err.readLine()).startsWith("[1/57] ");
            process.destroyForcibly().waitFor();
        }
        assertThat(process.exitValue()).isEqualTo(137);
        if (System.getProperty("os.name").equals("Linux")) {
            assertThat(files()).isEmpty();
        }
        Captured next = Captured.run("quantize", F16, out.toString(), "F16");
        assertThat(next.code()).isZero();
        assertThat(files()).as("and what it left elsewhere is gone").containsExactly(out);
    }

    @Test
    void writesAnImportanceMatrix() throws IOException {
        Path text = folder.resolve("text.txt");
        Files.writeString(
                text,
                Files.readString(Path.of(Repository.file("demo/evaluation.txt")))
                        .substring(0, 600));
        Path out = folder.resolve("imatrix.gguf");
        String[] arguments = {
            "imatrix",
            "-m",
            F16,
            "-b",
            "scalar",
            "-f",
            text.toString(),
            "-o",
            out.toString(),
            "-c",
            "32",
            "--chunks",
            "1"
        };
        Captured written = Captured.run(arguments);

        assertThat(written.err()).isEqualTo(out + ": of 1 pieces of 32 tokens\n");
        assertThat(written.code()).isZero();
        String inspected = Captured.run("inspect", "--tensors", out.toString()).out();
        assertThat(inspected)
                .containsPattern("imatrix.chunk_size +uint32 +32\n")
                .containsPattern("blk.5.ffn_down.weight.in_sum2 +F32 +768 ");
        assertThat(
                        Captured.run(
                                        "quantize",
                                        "--dry-run",
                                        "--imatrix",
                                        out.toString(),
                                        F16,
                                        "Q2_K_S")
                                .code())
                .isZero();

        arguments[10] = "512";
        arguments[9] = "--context";
        assertThat(Captured.run(arguments).err())
                .matches(
                        "jinrai: .*text.txt: has \\d+ tokens, a piece takes 512; take a longer text"
                                + " or a shorter --context\n");
    }

    private void fails(int code, String problem, String... arguments) {
        String[] all =
                Stream.concat(Stream.of("quantize"), Stream.of(arguments)).toArray(String[]::new);
        Captured result = Captured.run(all);
        assertThat(result.err()).startsWith("jinrai: " + problem).hasLineCount(1);
        assertThat(result.code()).isEqualTo(code);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
