package dev.jinrai.backend;

import static dev.jinrai.backend.BackendConformance.buffer;
import static dev.jinrai.backend.BackendConformance.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jinrai.format.Format;
import dev.jinrai.format.Formats;
import dev.jinrai.format.Q8_0;
import dev.jinrai.testing.RandomTensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Matrices that lie in a mapped file, whose pages the CPU backend gives back once it has a form of its own of them:
/// every product stays what it is of the same bytes on the heap.
class MappedMatrixTest {
    /// Tensors begin inside a page, as in a GGUF file: giving back theirs must not harm their neighbours'.
    private static final int BEFORE = 4096 + 32;

    private static final int EXPERTS = 3;
    private static final int ROWS = 130;
    private static final int TOKENS = 5;

    @TempDir private Path folder;
    private final Arena arena = Arena.ofShared();
    private final SplittableRandom random = new SplittableRandom(21);
    private Backend backend;

    @BeforeEach
    void open() {
        backend = Backends.named("cpu").open(new BackendOptions(2));
    }

    @AfterEach
    void close() {
        backend.close();
        arena.close();
    }

    static Stream<Format> formats() {
        return Formats.ALL.stream();
    }

    /// @param data the same bytes elsewhere
    private static Tensor with(Tensor tensor, MemorySegment data) {
        return new Tensor(
                tensor.name(),
                tensor.format(),
                tensor.slices(),
                tensor.rows(),
                tensor.columns(),
                data);
    }

    /// Writes tensors one behind the other and maps the file.
    private MemorySegment map(Tensor... tensors) throws IOException {
        Path file = Files.write(folder.resolve("weights"), new byte[BEFORE]);
        for (Tensor tensor : tensors) {
            byte[] bytes = tensor.data().toArray(ValueLayout.JAVA_BYTE);
            Files.write(file, bytes, StandardOpenOption.APPEND);
        }
        try (var channel = FileChannel.open(file)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void productsAreThoseOfTheSameBytesOnTheHeap(Format format) throws IOException {
        int columns = 9 * 256; // more than any span of a product with one token
        Tensor matrix = RandomTensors.of(format, 1, ROWS, columns, random);
        Tensor experts = RandomTensors.of(format, EXPERTS, ROWS, columns, random);
        MemorySegment file = map(matrix, experts);
        long second = BEFORE + matrix.data().byteSize();
        Weight[] onHeap = {backend.upload(matrix), backend.upload(experts)};
        Weight[] mapped = {
            backend.upload(with(matrix, file.asSlice(BEFORE, matrix.data().byteSize()))),
            backend.upload(with(experts, file.asSlice(second, experts.data().byteSize())))
        };
        Buffer x = buffer(backend, RandomTensors.values(TOKENS * columns, random), TOKENS, columns);

        // The second round finds the pages given back; single rows are read from the file all the
        // time.
        for (int round = 0; round < 2; round++) {
            assertThat(rows(mapped[0])).isEqualTo(rows(onHeap[0]));
            assertThat(product(mapped[0], x)).isEqualTo(product(onHeap[0], x));
            for (int expert = 0; expert < EXPERTS; expert++) {
                assertThat(product(mapped[1], expert, x))
                        .as("expert %d", expert)
                        .isEqualTo(product(onHeap[1], expert, x));
            }
            assertThat(product(mapped[0], x.first(1))).isEqualTo(product(onHeap[0], x.first(1)));
            assertThat(rows(mapped[0])).isEqualTo(rows(onHeap[0]));
        }
    }

    private float[] product(Weight weight, Buffer x) {
        Buffer out = backend.allocate(x.rows(), weight.rows());
        backend.matmul(out, weight, x);
        return read(backend, out);
    }

    /// All tokens go to one expert.
    private float[] product(Weight weight, int expert, Buffer x) {
        float[] scores = new float[x.rows() * EXPERTS];
        for (int t = 0; t < x.rows(); t++) {
            scores[t * EXPERTS + expert] = 1;
        }
        Routing routing = backend.allocateRouting(x.rows(), 1);
        backend.topK(routing, buffer(backend, scores, x.rows(), EXPERTS));
        Buffer out = backend.allocate(x.rows(), weight.rows());
        backend.matmulExperts(out, weight, x, routing);
        return read(backend, out);
    }

    /// Rows of the matrix, looked up as those of an embedding are.
    private float[] rows(Weight weight) {
        int[] ids = {0, ROWS - 1, 63, 64};
        var layout = new KvLayout(List.of(), ids.length, KvType.F32);
        try (KvCache cache = backend.allocate(layout)) {
            Buffer out = backend.allocate(ids.length, weight.columns());
            backend.embed(out, weight, Batch.of(cache, ids, Batch.Logits.NONE));
            return read(backend, out);
        }
    }

    /// Rows come in panels of 64; what is multiplied where it lies takes nothing.
    @ParameterizedTest
    @MethodSource("formats")
    void saysWhatItsOwnFormTakes(Format format) {
        Tensor tensor = RandomTensors.of(format, EXPERTS, ROWS, 512, random);
        boolean own =
                format.blockLength() > 1
                        && !BackendConformance.DECODED_FIRST.contains(format.type());
        long panels = !own ? 0 : EXPERTS * 192 * format.byteSize(512);

        assertThat(backend.resident(backend.upload(tensor))).isEqualTo(panels);
    }

    /// The matrix is in memory once: what Linux counts of the mapping goes away with the first product.
    @Test
    void thePagesAreGivenBack() throws IOException {
        Path maps = Path.of("/proc/self/smaps");
        assumeTrue(Files.exists(maps), "only Linux says what of a mapping is in memory");
        Tensor tensor = RandomTensors.of(new Q8_0(), 1, 1024, 4096, random);
        MemorySegment file = map(tensor);
        Weight weight = backend.upload(with(tensor, file.asSlice(BEFORE)));
        file.load();
        long before = resident(maps, file);
        product(weight, buffer(backend, new float[4096], 1, 4096));

        assertThat(before).isGreaterThanOrEqualTo(tensor.data().byteSize());
        // A page at each end is shared with what lies beside the matrix.
        assertThat(resident(maps, file)).isLessThan(tensor.data().byteSize() / 8);
    }

    /// {@return the bytes of a mapping that are mapped to memory}
    private static long resident(Path maps, MemorySegment mapping) throws IOException {
        String start = "%x-".formatted(mapping.address());
        return Files.readAllLines(maps).stream()
                .dropWhile(line -> !line.startsWith(start))
                .filter(line -> line.startsWith("Rss:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }
}
