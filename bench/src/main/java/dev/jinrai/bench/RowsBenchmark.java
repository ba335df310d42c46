package dev.jinrai.bench;

import dev.jinrai.backend.Activation;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.KvCache;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.backend.Rope;
import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.Weight;
import dev.jinrai.backend.scalar.ScalarBackend;
import dev.jinrai.format.Formats;
import dev.jinrai.format.GgmlType;
import java.lang.foreign.Arena;
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

/// The verbs that go once over activations: norm, residual with norm, rotary embedding, gate.
///
/// Their floor is a few microseconds a token; they matter where a product does not hide them.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RowsBenchmark {
    private static final int WIDTH = 2048;
    private static final int INNER = 5632;
    private static final int HEAD = 64;
    private static final float EPSILON = 1e-5f;

    /// A few roundings to f32 each.
    private static final double BOUND = 1e-12;

    @Param({"1", "512"})
    public int tokens;

    @Param("cpu")
    public String backend = "";

    /// 0 for one per physical core.
    @Param("0")
    public int threads;

    private Operation subject = new Operation(new ScalarBackend(), 1);

    @Setup
    public void prepare() {
        subject = new Operation(Operands.open(backend, threads), tokens);
        var specification = new Operation(new ScalarBackend(), tokens);
        for (Operation each : List.of(subject, specification)) {
            each.addRmsNorm();
            each.gate();
            each.rope();
        }
        check(
                "out of addRmsNorm",
                subject.read(subject.out),
                specification.read(specification.out));
        check("gate", subject.read(subject.gate), specification.read(specification.gate));
        check("rope of addRmsNorm", subject.read(subject.x), specification.read(specification.x));
        subject.rmsNorm();
        specification.rmsNorm();
        check("rmsNorm", subject.read(subject.out), specification.read(specification.out));
        specification.close();
        subject.stopAdding();
    }

    private static void check(String what, float[] actual, float[] expected) {
        Operands.check(what, actual, expected, BOUND);
    }

    @Benchmark
    public Buffer rmsNorm() {
        return subject.rmsNorm();
    }

    @Benchmark
    public Buffer addRmsNorm() {
        return subject.addRmsNorm();
    }

    @Benchmark
    public Buffer rope() {
        return subject.rope();
    }

    /// Its input is copied in each time: applied to its own result it would soon work on zeros.
    @Benchmark
    public Buffer gate() {
        return subject.gate();
    }

    @TearDown
    public void close() {
        subject.close();
    }

    /// A backend and what its verbs are applied to.
    private static final class Operation {
        private final Backend backend;
        private final Arena arena = Arena.ofShared();
        private final Weight weight;
        private final KvCache cache;
        private final Batch batch;
        private final Rope rope;
        private final float[] gateValues;
        private final Buffer y;
        private final Buffer up;
        final Buffer x;
        final Buffer out;
        final Buffer gate;

        Operation(Backend backend, int tokens) {
            this.backend = backend;
            var random = new SplittableRandom(3);
            Tensor tensor =
                    Operands.tensor(Formats.encodable(GgmlType.F32), 1, WIDTH, arena, random);
            weight = backend.upload(tensor);
            cache = backend.allocate(new KvLayout(List.of(), 2 * tokens, KvType.F16));
            cache.advance(tokens);
            batch = Batch.of(cache, new int[tokens], Batch.Logits.NONE);
            double[] frequencies = new double[HEAD / 2];
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] = Math.pow(10000, -2.0 * i / HEAD);
            }
            rope = new Rope(Rope.Pairing.INTERLEAVED, frequencies, 1);
            gateValues = Operands.values(tokens * INNER, random);
            x = Operands.buffer(backend, Operands.values(tokens * WIDTH, random), tokens);
            y = Operands.buffer(backend, Operands.values(tokens * WIDTH, random), tokens);
            up = Operands.buffer(backend, Operands.values(tokens * INNER, random), tokens);
            out = backend.allocate(tokens, WIDTH);
            gate = backend.allocate(tokens, INNER);
        }

        /// Residuals of zero: `x` keeps its size however often it is added to.
        void stopAdding() {
            backend.write(y, new float[y.rows() * y.columns()]);
        }

        Buffer rmsNorm() {
            backend.rmsNorm(out, x, weight, EPSILON);
            return out;
        }

        Buffer addRmsNorm() {
            backend.addRmsNorm(out, x, y, weight, EPSILON);
            return out;
        }

        Buffer rope() {
            backend.rope(x, HEAD, rope, batch);
            return x;
        }

        Buffer gate() {
            backend.write(gate, gateValues);
            backend.gate(gate, Activation.SILU, up);
            return gate;
        }

        float[] read(Buffer buffer) {
            return Operands.read(backend, buffer);
        }

        void close() {
            cache.close();
            backend.close();
            arena.close();
        }
    }
}
