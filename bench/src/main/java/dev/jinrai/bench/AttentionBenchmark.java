package dev.jinrai.bench;

import dev.jinrai.backend.Backend;
import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Heads;
import dev.jinrai.backend.KvCache;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.backend.scalar.ScalarBackend;
import java.util.Collections;
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

/// Attention of new tokens over `depth` positions before them: 32 query heads of 64 values that share 4 key and
/// value heads.
///
/// With one token the floor is reading the keys and values once, `gigabytes`. The calls go through the layers
/// of a cache in turn, as a pass does.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class AttentionBenchmark {
    private static final Heads HEADS = new Heads(32, 4, 64, 64, 1 / 8f);
    private static final int LAYERS = 16;
    private static final int CHUNK = 512;

    /// A cache may round keys and values to f16: an error of 2⁻¹¹ each at most, 2⁻¹²/√3 on average, and both count.
    private static final double BOUND = 1e-6;

    @Param({"128", "1024", "8192"})
    public int depth;

    @Param({"1", "128"})
    public int tokens;

    @Param("cpu")
    public String backend = "";

    /// 0 for one per physical core.
    @Param("0")
    public int threads;

    private Backend opened = new ScalarBackend();
    private Buffer q = opened.allocate(1, 1);
    private Buffer out = q;
    private KvCache cache = opened.allocate(layout(0));
    private Batch batch = Batch.of(cache, new int[1], Batch.Logits.NONE);
    private long bytes;
    private int layer;

    private static KvLayout layout(int capacity) {
        var shape = new KvLayout.Layer(HEADS.kvHeads(), HEADS.keyLength(), HEADS.valueLength());
        return new KvLayout(Collections.nCopies(LAYERS, shape), capacity, KvType.F16);
    }

    @Setup
    public void prepare() {
        opened = Operands.open(backend, threads);
        cache = opened.allocate(layout(depth + tokens));
        batch = fill(opened, cache, LAYERS);
        q = queries(opened);
        out = opened.allocate(tokens, HEADS.heads() * HEADS.valueLength());
        opened.attention(out, q, batch, 0, HEADS);
        try (var specification = new ScalarBackend();
                KvCache expectedCache = specification.allocate(layout(depth + tokens))) {
            Batch expectedBatch = fill(specification, expectedCache, 1);
            Buffer expected = specification.allocate(tokens, out.columns());
            specification.attention(expected, queries(specification), expectedBatch, 0, HEADS);
            Operands.check(
                    "attention",
                    Operands.read(opened, out),
                    Operands.read(specification, expected),
                    BOUND);
        }
        bytes = layout(0).bytesPerPosition() / LAYERS * (depth + tokens);
    }

    private Buffer queries(Backend be) {
        int length = tokens * HEADS.heads() * HEADS.keyLength();
        return Operands.buffer(be, Operands.values(length, new SplittableRandom(2)), tokens);
    }

    /// Puts the same keys and values into the first `layers` layers.
    ///
    /// @return the batch of the new tokens, whose own keys and values are there too
    private Batch fill(Backend be, KvCache kv, int layers) {
        var random = new SplittableRandom(1);
        for (int from = 0; from < depth; from += CHUNK) {
            int count = Math.min(CHUNK, depth - from);
            append(be, Batch.of(kv, new int[count], Batch.Logits.NONE), layers, random);
            kv.advance(count);
        }
        Batch last = Batch.of(kv, new int[tokens], Batch.Logits.NONE);
        append(be, last, layers, random);
        return last;
    }

    private static void append(Backend be, Batch batch, int layers, SplittableRandom random) {
        int count = batch.size();
        int keys = count * HEADS.kvHeads() * HEADS.keyLength();
        int values = count * HEADS.kvHeads() * HEADS.valueLength();
        Buffer k = Operands.buffer(be, Operands.values(keys, random), count);
        Buffer v = Operands.buffer(be, Operands.values(values, random), count);
        for (int i = 0; i < layers; i++) {
            be.append(batch, i, k, v);
        }
    }

    @Benchmark
    public Buffer attention(Moved moved) {
        opened.attention(out, q, batch, layer, HEADS);
        layer = (layer + 1) % LAYERS;
        double positions = depth + (tokens + 1) / 2.0;
        int products = HEADS.keyLength() + HEADS.valueLength();
        moved.add(bytes, 2.0 * HEADS.heads() * products * positions * tokens);
        return out;
    }

    @TearDown
    public void close() {
        cache.close();
        opened.close();
    }
}
