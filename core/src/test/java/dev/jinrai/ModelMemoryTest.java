package dev.jinrai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.backend.KvType;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.TensorInfo;
import dev.jinrai.gguf.Warming;
import dev.jinrai.model.ModelException;
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
        assertThatThrownBy(() -> Model.open(file, options, memory(available), NOBODY))
                .isInstanceOf(ModelException.class)
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
                "a --context of 999 or less fits, a smaller quantization takes less, -b scalar");
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
                    .isInstanceOf(ModelException.class)
                    .hasMessageMatching(
                            ".*gguf: (\\d+) MiB of memory are needed \\(weights \\d+ MiB, keys and"
                                + " values of \\d+ tokens? \\d+ MiB, to compute 128 MiB\\) and \\d+"
                                + " MiB are available; a smaller quantization takes less, -b scalar"
                                + " reads the weights from the file, slowly");
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
                "(weights 0 MiB",
                "; a --context of 10 or less fits");
        refuses(file, options, COMPUTING, "; other programs have to end first");
    }

    @Test
    void nothingIsRefusedWhereTheSystemDoesNotSay() {
        var unknown = new Memory(OptionalLong.empty(), LARGE_HEAP);

        assertThat(context(DEMO, CPU.withContext(1 << 30), unknown)).isEqualTo(1 << 30);
    }
}
