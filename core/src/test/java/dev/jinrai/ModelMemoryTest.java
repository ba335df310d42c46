package dev.jinrai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.backend.KvType;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.TensorInfo;
import dev.jinrai.gguf.Warming;
import dev.jinrai.testing.Goldens;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Whether a model is opened depends on the memory there is.
class ModelMemoryTest {
    private static final Path DEMO = Goldens.folder().resolveSibling("demo/demo-Q8_0.gguf");
    private static final ModelOptions CPU = ModelOptions.DEFAULTS.withBackend("cpu").withThreads(1);
    private static final long LARGE_HEAP = 1L << 40;
    private static final long COMPUTING = 128 << 20;

    /// Reading the file ahead is work, which is not begun for a model that is refused.
    private static final Warming.Listener NOBODY =
            new Warming.Listener() {
                @Override
                public void read(long done, long total) {
                    throw new AssertionError("read");
                }

                @Override
                public void tooLarge(long total, long available) {
                    throw new AssertionError("too large");
                }
            };

    private static final Warming.Listener ANYBODY =
            new Warming.Listener() {
                @Override
                public void read(long done, long total) {}

                @Override
                public void tooLarge(long total, long available) {}
            };

    private static Memory memory(long available) {
        return new Memory(OptionalLong.of(available), LARGE_HEAP);
    }

    private static int context(Path file, ModelOptions options, Memory memory) {
        try (Model model = Model.open(file, options, memory, ANYBODY)) {
            return model.contextLength();
        }
    }

    private static void refuses(Path file, ModelOptions options, long available, String... words) {
        refuses(file, options, memory(available), words);
    }

    private static void refuses(Path file, ModelOptions options, Memory memory, String... words) {
        assertThatThrownBy(() -> Model.open(file, options, memory, NOBODY))
                .isInstanceOf(MemoryException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContainingAll(words);
    }

    /// {@return the bytes of the demo model's matrices, of whose rows the CPU backend keeps whole panels of 64}
    private static long weights() {
        try (Gguf gguf = Gguf.open(DEMO)) {
            boolean tied = gguf.tensor("output.weight").isEmpty();
            return gguf.tensors().stream()
                    .filter(t -> t.shape().size() == 2)
                    .filter(t -> tied || !t.name().equals("token_embd.weight"))
                    .mapToLong(ModelMemoryTest::inPanels)
                    .sum();
        }
    }

    private static long inPanels(TensorInfo matrix) {
        return matrix.byteSize() / matrix.extent(1) * ((matrix.extent(1) + 63) / 64 * 64);
    }

    /// {@return the bytes that a position of the demo model takes}
    private static long position(KvType type) {
        try (Gguf gguf = Gguf.open(DEMO)) {
            long values =
                    2L
                            * gguf.metadata().int32("llama.block_count")
                            * gguf.metadata().int32("llama.attention.head_count_kv")
                            * gguf.metadata().int32("llama.embedding_length")
                            / gguf.metadata().int32("llama.attention.head_count");
            return switch (type) {
                case F16 -> values * 2;
                case F32 -> values * 4;
                case Q8_0 -> values / 32 * 34;
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void aContextThatIsAskedForFitsOrTheModelIsRefused(KvType type) {
        var options = CPU.withContext(1000).withKvType(type);
        long needed = weights() + COMPUTING + 1000 * position(type);

        assertThat(context(DEMO, options, memory(needed))).isEqualTo(1000);
        refuses(
                DEMO,
                options,
                needed - 1,
                " MiB of memory are needed (",
                " and %d MiB are available; ".formatted((needed - 1) >> 20),
                "; a context of 999 or less fits, ",
                "a smaller quantization may fit (Q4_0 takes 4 MiB), the scalar backend fits,"
                        + " which");
    }

    /// Keys and values lie on the Java heap, which may hold less than the machine.
    @Test
    void aContextThatIsAskedForFitsTheHeapOrTheModelIsRefused() {
        long position = position(KvType.F16);
        long heap = COMPUTING + (1 << 20) + (COMPUTING / position + 1) * position;
        long most = (heap - COMPUTING) / position;
        for (long available : new long[] {1L << 40, weights() + COMPUTING + most * position}) {
            var memory = new Memory(OptionalLong.of(available), heap);
            String fits = "a context of %d or less fits".formatted(most);

            assertThat(context(DEMO, CPU.withContext((int) most), memory)).isEqualTo(most);
            refuses(DEMO, CPU.withContext((int) most + 1), memory, fits);
        }
        refuses(
                DEMO,
                CPU.withContext((int) most + 1),
                new Memory(OptionalLong.of(1L << 40), heap),
                ": %d MiB for keys and values of %d tokens are needed and the Java heap leaves them"
                        .formatted(((most + 1) * position + (1 << 20) - 1) >> 20, most + 1),
                " %d MiB; a context of ".formatted((heap - COMPUTING) >> 20),
                ", the KV type q8_0 fits, a larger Java heap (-Xmx) may fit");
    }

    @Test
    void ofASmallHeapAHalfIsForKeysAndValues() {
        long position = position(KvType.F16);
        var memory = new Memory(OptionalLong.empty(), 400 * position);

        assertThat(context(DEMO, CPU.withContext(200), memory)).isEqualTo(200);
        refuses(DEMO, CPU.withContext(201), memory, "; a context of 200 or less fits, ");
    }

    /// A context beyond every memory: neither other weights nor another type of keys and values would do.
    @Test
    void onlyWhatHelpsIsAdvised() {
        long available = weights() + COMPUTING + 100 * position(KvType.F16);
        assertThatThrownBy(
                        () -> Model.open(DEMO, CPU.withContext(1 << 30), memory(available), NOBODY))
                .isInstanceOf(MemoryException.class)
                .hasMessageEndingWith(" MiB are available; a context of 100 or less fits");
        // Positions take twice as much as f32, about half as q8_0.
        refuses(
                DEMO,
                CPU.withContext(150).withKvType(KvType.F32),
                available,
                "; a context of 50 or less fits, the KV type q8_0 fits, a smaller");
    }

    @Test
    void theModelsOwnContextIsCutToWhatFits() {
        long fixed = weights() + COMPUTING;
        long position = position(KvType.F16);

        assertThat(context(DEMO, CPU, memory(fixed + 300 * position + 1))).isEqualTo(300);
        assertThat(context(DEMO, CPU, memory(fixed + position))).isEqualTo(1);
        assertThat(context(DEMO, CPU, memory(1L << 40))).isEqualTo(1024);
        assertThat(context(DEMO, CPU, new Memory(OptionalLong.empty(), 400 * position)))
                .isEqualTo(200);
    }

    /// Panels are memory of the process: the system cannot drop them, and would end it.
    @Test
    void quantizedWeightsThatDoNotFitAreRefusedWhateverTheContext() {
        long available = weights() + COMPUTING + position(KvType.F16) - 1;
        for (int context : new int[] {0, 1, 100}) {
            assertThatThrownBy(() ->
                            Model.open(DEMO, CPU.withContext(context), memory(available), NOBODY))
                    .isInstanceOf(MemoryException.class)
                    .hasMessageMatching(
                            ".*gguf: \\d+ MiB of memory are needed \\(\\d+ MiB for weights, \\d+"
                                + " MiB for keys and values of \\d+ tokens?, 128 MiB to compute"
                                + " with\\) and \\d+ MiB are available; .*the scalar backend fits,"
                                + " which reads the weights from the file, slowly");
        }
    }

    /// What lies in the mapped file is read again when it was dropped: slow, and no reason to refuse.
    @ParameterizedTest
    @CsvSource({"demo-Q8_0, scalar", "demo-f16, scalar", "demo-f16, cpu"})
    void weightsThatStayInTheFileNeedNoMemory(String model, String backend) {
        Path file = DEMO.resolveSibling(model + ".gguf");
        var options = CPU.withBackend(backend);
        long available = COMPUTING + 10 * position(KvType.F16);

        assertThat(context(file, options, memory(available))).isEqualTo(10);
        refuses(
                file,
                options.withContext(11),
                available,
                "(0 MiB for weights, ",
                "; a context of 10 or less fits");
        refuses(file, options, COMPUTING, "; other programs have to end first");
    }

    @Test
    void nothingIsRefusedWhereTheSystemDoesNotSay() {
        var unknown = new Memory(OptionalLong.empty(), Long.MAX_VALUE);

        assertThat(context(DEMO, CPU.withContext(1 << 30), unknown)).isEqualTo(1 << 30);
    }
}
