package dev.jinrai.bench;

import dev.jinrai.backend.Backend;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.Weight;
import dev.jinrai.backend.scalar.ScalarBackend;
import dev.jinrai.format.EncodableFormat;
import dev.jinrai.format.Formats;
import dev.jinrai.format.GgmlType;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// `out = W · x` with the largest matrix of a block, up: 5632 × 2048.
///
/// With one token the floor is the memory: compare `gigabytes` with [ReadBandwidthBenchmark]. The products go
/// through as many matrices as no cache holds, as a model's layers do. With 512 tokens the floor is
/// arithmetic: compare `gigaflops` with cores × clock × 2 × lanes × FMA units.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class MatmulBenchmark {
    private static final int ROWS = 5632;
    private static final int COLUMNS = 2048;

    /// Bytes of all matrices together.
    private static final long BYTES = 256L << 20;

    /// Rows at either end that are compared with the specification's.
    private static final int CHECKED = 64;

    /// Sums in f32 against sums in double, as for the reference models.
    private static final double BOUND = 1e-10;

    @Param({"F32", "F16", "BF16", "Q8_0", "Q6_K", "Q5_K", "Q4_K", "Q4_0"})
    public String format = "";

    @Param({"1", "512"})
    public int tokens;

    @Param("cpu")
    public String backend = "";

    /// 0 for one per physical core.
    @Param("0")
    public int threads;

    private final Arena arena = Arena.ofShared();
    private final List<Weight> weights = new ArrayList<>();
    private Backend opened = new ScalarBackend();
    private Buffer x = opened.allocate(1, 1);
    private Buffer out = x;
    private long bytes;
    private int next;

    @Setup
    public void prepare() {
        opened = Operands.open(backend, threads);
        var random = new SplittableRandom(1);
        EncodableFormat encoding = Formats.encodable(GgmlType.valueOf(format));
        Tensor tensor = Operands.tensor(encoding, ROWS, COLUMNS, arena, random);
        bytes = tensor.data().byteSize();
        float[] values = Operands.values(tokens * COLUMNS, random);
        x = Operands.buffer(opened, values, tokens);
        out = opened.allocate(tokens, ROWS);
        weights.add(opened.upload(tensor));
        opened.matmul(out, weights.getFirst(), x);
        check(tensor, 0, values);
        check(tensor, ROWS - CHECKED, values);
        while (weights.size() * bytes < BYTES) {
            Tensor copy =
                    new Tensor(
                            tensor.name(),
                            encoding,
                            1,
                            ROWS,
                            COLUMNS,
                            arena.allocate(bytes, 64).copyFrom(tensor.data()));
            weights.add(opened.upload(copy));
        }
    }

    private void check(Tensor tensor, int from, float[] values) {
        try (var specification = new ScalarBackend()) {
            Buffer expected = specification.allocate(tokens, CHECKED);
            specification.matmul(
                    expected,
                    specification.upload(Operands.rows(tensor, from, CHECKED)),
                    Operands.buffer(specification, values, tokens));
            float[] all = Operands.read(opened, out);
            float[] actual = new float[tokens * CHECKED];
            for (int t = 0; t < tokens; t++) {
                System.arraycopy(all, t * ROWS + from, actual, t * CHECKED, CHECKED);
            }
            Operands.check(
                    "%s, rows from %d".formatted(format, from),
                    actual,
                    Operands.read(specification, expected),
                    BOUND);
        }
    }

    @Benchmark
    public Buffer matmul(Moved moved) {
        opened.matmul(out, weights.get(next), x);
        next = (next + 1) % weights.size();
        moved.add(bytes, 2.0 * ROWS * COLUMNS * tokens);
        return out;
    }

    @TearDown
    public void close() {
        opened.close();
        arena.close();
    }
}
