package dev.jinrai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.GgufWriter;
import dev.jinrai.gguf.MetadataValue;
import dev.jinrai.gguf.ValueType;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class InspectTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String DEMO = Repository.file("demo/demo-Q8_0.gguf");

    @TempDir Path folder;

    @Test
    void showsWhatIsInAModelAndThatItRuns() {
        Captured result = Captured.run("inspect", DEMO, "--tensors");

        assertThat(result.code()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out())
                .startsWith(
                        DEMO + ": GGUF version 3, 7350816 bytes, alignment 32, tensor data from")
                .containsPattern("\n  general.architecture +string +'llama'\n")
                .containsPattern("\n  llama.block_count +uint32 +6\n")
                .containsPattern("\n  tokenizer.ggml.tokens +array +4096 strings: '<unk>', '<s>'")
                .containsPattern("\n  token_embd.weight +Q8_0 +256×4096 +1114112 +0x")
                .contains("\n  6819072 parameters, 8.51 bits each\n")
                .containsPattern("\n  runs it +yes\n")
                .containsPattern("\n  memory +6.9 MiB of weights, .* for 1024 tokens of context\n")
                .containsPattern("\n  chat template +zephyr\n");
    }

    @Test
    void tellsProgramsTheSame() {
        JsonNode report = JSON.readTree(Captured.run("inspect", "--json", "--tensors").out());

        assertThat(report.get("parameters").asLong()).isEqualTo(6_819_072);
        assertThat(report.at("/metadata/llama.block_count/value").asInt()).isEqualTo(6);
        assertThat(report.at("/metadata/tokenizer.ggml.tokens/length").asInt()).isEqualTo(4096);
        assertThat(report.get("totals").size()).isEqualTo(2);
        assertThat(report.get("tensors").size()).isEqualTo(57);
        assertThat(report.at("/support/runs").asBoolean()).isTrue();
        // 1024 positions of 6 layers of 4 keys and 4 values of 32 halves.
        assertThat(report.at("/support/context_bytes").asLong()).isEqualTo(1024 * 6 * 8 * 32 * 2);
        assertThat(report.at("/support/chat_template").asString()).isEqualTo("zephyr");
        assertThat(report.get("files")).hasSize(1);
    }

    /// Weights in the file are not counted; those of a device are, all 7255040 bytes.
    @Test
    void saysWhatItTakesOfMemoryOnEachBackend() {
        JsonNode memory =
                JSON.readTree(Captured.run("inspect", "--json").out()).at("/support/memory");

        var weights = new HashMap<String, Long>();
        for (JsonNode need : memory.get("needs")) {
            assertThat(need.get("context").asInt()).isEqualTo(1024); // the model has no more
            assertThat(need.get("bytes").asLong())
                    .isGreaterThan(need.get("weights_bytes").asLong() + 1024 * 6 * 8 * 32 * 2);
            need.get("backends")
                    .forEach(b -> weights.put(b.asString(), need.get("weights_bytes").asLong()));
        }
        assertThat(weights)
                .containsEntry("scalar", 0L)
                .containsEntry("vulkan", 7_255_040L)
                .containsEntry("metal", 7_255_040L);
        assertThat(weights.get("cpu")).isBetween(6_000_000L, 7_500_000L);
    }

    @Test
    void showsTheFilesOfASplitModel() {
        Path first = folder.resolve("m-00001-of-00002.gguf");
        part(0).string("general.architecture", "mamba").write(first);
        part(1).tensor("x", List.of(2L), new float[] {1, 2})
                .write(folder.resolve("m-00002-of-00002.gguf"));

        assertThat(Captured.run("inspect", "--tensors", "--verify", first.toString()).out())
                .contains(" bytes in 2 files, alignment 32")
                .containsPattern("\n  x +F32 +2 +8 +0x[0-9A-F]+ +m-00002-of-00002.gguf\n")
                .contains("every weight is a finite number");
    }

    private static GgufWriter part(int number) {
        return new GgufWriter()
                .put("split.no", new MetadataValue.Whole(ValueType.UINT16, number))
                .put("split.count", new MetadataValue.Whole(ValueType.UINT16, 2));
    }

    @Test
    void saysWhyAFileDoesNotRun() {
        Path file = folder.resolve("other.gguf");
        new GgufWriter()
                .string("general.architecture", "mamba")
                .tensor("x", List.of(2L), new float[] {1, 2})
                .write(file);

        assertThat(Captured.run("inspect", file.toString()).out())
                .containsPattern(
                        "\n  runs it +no: architecture 'mamba' is not supported \\(known: ")
                .containsPattern("\n  tokenizer +no: the file has no vocabulary");
        JsonNode report = JSON.readTree(Captured.run("inspect", "--json", file.toString()).out());
        assertThat(report.at("/support/runs").asBoolean()).isFalse();
        assertThat(report.at("/support/problem").asString()).startsWith("architecture 'mamba'");
    }

    @Test
    void showsNoControlCharacterOfAFile() {
        Path file = folder.resolve("evil.gguf");
        new GgufWriter()
                .string("general.architecture", "x\u001b]0;owned\u0007")
                .string("key\u001b[31m", "line\nbreak\u202e")
                .strings("list", List.of("\u0000", "\u009b"))
                .put("big", new MetadataValue.Whole(ValueType.UINT64, -1))
                .tensor("name\u001b[2J\nforged", List.of(2L), new float[] {1, 2})
                .write(file);

        String page = Captured.run("inspect", "--tensors", "--verify", file.toString()).out();
        assertThat(page.codePoints().filter(c -> c != '\n'))
                .noneMatch(
                        c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT);
        assertThat(page)
                .contains("key\\u{1B}[31m", "'line\\nbreak\\u{202E}'", "name\\u{1B}[2J\\nforged")
                .contains("18446744073709551615");
    }

    @Test
    void verifiesEveryWeight() {
        Captured result = Captured.run("inspect", "--verify", DEMO);

        assertThat(result.code()).isZero();
        assertThat(result.out())
                .containsPattern("\n  output.weight +Q8_0 +-0\\.749470 +0\\.773693 +0 +0\n")
                .contains("\n  every weight is a finite number\n");
    }

    @Test
    void findsNanAndInfinity() {
        Path file = folder.resolve("bad.gguf");
        float[] weights = new float[100_000]; // more than is decoded at a time
        weights[3] = -2;
        weights[99_998] = Float.NaN;
        weights[99_999] = Float.NEGATIVE_INFINITY;
        new GgufWriter()
                .tensor("good", List.of(2L), new float[] {-1, 1})
                .tensor("bad", List.of(1000L, 100L), weights)
                .tensor("ids", GgmlType.I32, List.of(1L), new byte[4])
                .write(file);

        Captured result = Captured.run("inspect", "--verify", file.toString());
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out())
                .containsPattern("\n  bad +F32 +-2\\.00000 +0\\.00000 +1 +1\n")
                .containsPattern("\n  ids +I32 +integers\n")
                .contains("\n  NOT SOUND: bad\n");
        JsonNode ranges =
                JSON.readTree(Captured.run("inspect", "--verify", "--json", file.toString()).out())
                        .get("ranges");
        assertThat(ranges.get(1).get("nan").asInt()).isEqualTo(1);
        assertThat(ranges.get(1).get("infinite").asInt()).isEqualTo(1);
    }

    @Test
    void dumpsATensorAsPlainFloats() throws IOException {
        Path raw = folder.resolve("embedding.raw");
        assertThat(dump("token_embd.weight", raw)).isEqualTo(new Captured(0, "", ""));

        ByteBuffer floats = ByteBuffer.wrap(Files.readAllBytes(raw)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(floats.capacity()).isEqualTo(4 * 256 * 4096);
        // Q8_0 by hand: 34 bytes a block, a half-precision scale and 32 signed bytes.
        try (Gguf gguf = Gguf.open(Path.of(DEMO))) {
            var data = gguf.data(gguf.tensor("token_embd.weight").orElseThrow());
            for (int i = 0; i < 256 * 4096; i += 997) {
                long block = 34L * (i / 32);
                float scale =
                        Float.float16ToFloat(data.get(ValueLayout.JAVA_SHORT_UNALIGNED, block));
                byte code = data.get(ValueLayout.JAVA_BYTE, block + 2 + i % 32);
                assertThat(floats.getFloat(4 * i)).isEqualTo(scale * code);
            }
        }
    }

    @Test
    void aDumpReplacesAFileButNeverTheModel() throws IOException {
        Path model = Files.copy(Path.of(DEMO), folder.resolve("model.gguf"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), model);
        byte[] before = Files.readAllBytes(model);

        for (Path out : List.of(model, link)) {
            Captured refused =
                    Captured.run(
                            "inspect",
                            model.toString(),
                            "--dump",
                            "output_norm.weight",
                            "--out",
                            out.toString());
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.err())
                    .isEqualTo(
                            "jinrai: %s: is the model itself, and is not overwritten\n"
                                    .formatted(out));
        }
        assertThat(Files.readAllBytes(model)).isEqualTo(before);

        Path raw = Files.writeString(folder.resolve("raw"), "old");
        assertThat(dump("output_norm.weight", raw).code()).isZero();
        assertThat(raw).hasSize(1024);
        assertThat(dump("nope", raw).err())
                .isEqualTo("jinrai: %s: no tensor 'nope'; --tensors lists them\n".formatted(DEMO));
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).as("nothing half-written is left").hasSize(3);
        }
    }

    private static Captured dump(String name, Path out) {
        return Captured.run("inspect", DEMO, "--dump", name, "--out", out.toString());
    }
}
