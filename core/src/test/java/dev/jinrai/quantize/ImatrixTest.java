package dev.jinrai.quantize;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.GgufException;
import dev.jinrai.gguf.GgufWriter;
import dev.jinrai.quantize.Imatrix.Entry;
import dev.jinrai.testing.Goldens;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImatrixTest {
    private static final Path GOLDEN = Goldens.file("demo/imatrix.gguf");

    @TempDir Path folder;

    @Test
    void readsWhatLlamaImatrixWrote() {
        Imatrix imatrix = Imatrix.read(GOLDEN);

        assertThat(imatrix.datasets()).containsExactly("demo/evaluation.txt");
        assertThat(imatrix.chunks()).isEqualTo(2);
        assertThat(imatrix.chunkSize()).isEqualTo(32);
        assertThat(imatrix.entries()).hasSize(6 * 7);
        Entry down = imatrix.entries().get("blk.5.ffn_down.weight");
        assertThat(down.sums()).hasSize(768);
        assertThat(down.counts()).containsExactly(2 * 32);
        // gguf-py's reader: 40.987534 in column 416
        assertThat(down.sums()[416]).isEqualTo(40.98753356933594f);
        float[] importance = imatrix.importance("blk.5.ffn_down.weight").orElseThrow();
        assertThat(importance[416]).isEqualTo(40.98753356933594f / 64);
        assertThat(imatrix.importance("output.weight")).isEmpty();
    }

    @Test
    void writesWhatItReads() {
        var entries = new TreeMap<String, Entry>();
        entries.put("a", new Entry(new float[] {1, 2, 3, 4, 5, 6}, new float[] {4, 0}));
        entries.put("b", new Entry(new float[] {7, 0.5f}, new float[] {2}));
        Path file = folder.resolve("imatrix.gguf");
        new Imatrix(List.of("text"), 3, 512, entries).write(file);

        Imatrix read = Imatrix.read(file);
        assertThat(read.datasets()).containsExactly("text");
        assertThat(read.chunks()).isEqualTo(3);
        assertThat(read.chunkSize()).isEqualTo(512);
        assertThat(read.importance("a").orElseThrow())
                .as("an expert that saw nothing has ones")
                .containsExactly(0.25f, 0.5f, 0.75f, 1, 1, 1);
        assertThat(read.importance("b").orElseThrow()).containsExactly(3.5f, 0.25f);
        try (Gguf gguf = Gguf.open(file)) {
            assertThat(gguf.metadata().string("general.type")).isEqualTo("imatrix");
            assertThat(gguf.tensor("a.in_sum2").orElseThrow().shape()).containsExactly(3L, 2L);
            assertThat(gguf.tensor("a.counts").orElseThrow().shape()).containsExactly(1L, 2L);
            assertThat(gguf.tensor("b.in_sum2").orElseThrow().shape()).containsExactly(2L);
        }
    }

    @Test
    void keepsTheTensorsThatAreNamed() {
        Imatrix imatrix = Imatrix.read(GOLDEN);

        assertThat(imatrix.including(List.of("ffn_down", "blk.0.")).entries()).hasSize(6 + 6);
        assertThat(imatrix.excluding(List.of("ffn_down", "blk.0.")).entries()).hasSize(42 - 12);
    }

    @Test
    void readsTheOlderForm() throws IOException {
        Path file = folder.resolve("imatrix.dat");
        Files.write(
                file,
                bytes(b -> {
                    b.putInt(2);
                    text(b, "a").putInt(4).putInt(3).putFloat(8).putFloat(0).putFloat(1);
                    text(b, "b").putInt(0).putInt(1).putFloat(5);
                    b.putInt(7);
                    text(b, "wiki.txt");
                }));

        Imatrix imatrix = Imatrix.read(file);
        assertThat(imatrix.datasets()).containsExactly("wiki.txt");
        assertThat(imatrix.chunks()).isEqualTo(7);
        assertThat(imatrix.importance("a").orElseThrow()).containsExactly(2, 0, 0.25f);
        assertThat(imatrix.importance("b").orElseThrow()).containsExactly(5);
    }

    @Test
    void everyBeginningOfTheOlderFormIsAnErrorOrWhole() throws IOException {
        byte[] whole =
                bytes(b -> {
                    b.putInt(1);
                    text(b, "name").putInt(1).putInt(2).putFloat(1).putFloat(2);
                });
        Path file = folder.resolve("imatrix.dat");
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatExceptionOfType(RuntimeException.class)
                    .isThrownBy(() -> Imatrix.read(file))
                    .isInstanceOfAny(QuantizationException.class, GgufException.class)
                    .withMessageStartingWith(file + ": ");
        }
        Files.write(file, whole);
        assertThat(Imatrix.read(file).entries()).hasSize(1);
    }

    @Test
    void hugeCountsTakeNoMemory() throws IOException {
        Path file = folder.resolve("imatrix.dat");
        Files.write(file, bytes(b -> text(b.putInt(1 << 30), "x").putInt(1).putInt(1 << 30)));
        assertThatExceptionOfType(QuantizationException.class)
                .isThrownBy(() -> Imatrix.read(file))
                .withMessage(
                        file
                                + ": is not an importance matrix, neither as GGUF nor in the older"
                                + " form");
    }

    @Test
    void refusesWhatIsNone() {
        Path file = folder.resolve("x.gguf");
        new GgufWriter().string("general.architecture", "llama").write(file);
        fails(file, "general.type is 'model', wanted 'imatrix'");

        imatrix().tensor("a.in_sum2", List.of(2L), new float[2]).write(file);
        fails(file, "'a': there are no counts");
        imatrix().tensor("a.counts", List.of(2L), new float[2]).write(file);
        fails(file, "'a': there are no sums");
        imatrix()
                .tensor("a.in_sum2", List.of(3L), new float[3])
                .tensor("a.counts", List.of(2L), new float[2])
                .write(file);
        fails(file, "'a': 3 sums with 2 counts");
        imatrix()
                .tensor("a.in_sum2", List.of(2L), new float[] {1, Float.NaN})
                .tensor("a.counts", List.of(1L), new float[1])
                .write(file);
        fails(file, "'a': wanted finite numbers from 0, got NaN");
    }

    private static GgufWriter imatrix() {
        return new GgufWriter().string("general.type", "imatrix");
    }

    private static void fails(Path file, String problem) {
        assertThatExceptionOfType(QuantizationException.class)
                .isThrownBy(() -> Imatrix.read(file))
                .withMessage(file + ": " + problem);
    }

    private static byte[] bytes(Consumer<ByteBuffer> content) {
        ByteBuffer bytes = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
        content.accept(bytes);
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private static ByteBuffer text(ByteBuffer bytes, String text) {
        return bytes.putInt(text.length()).put(text.getBytes(UTF_8));
    }
}
