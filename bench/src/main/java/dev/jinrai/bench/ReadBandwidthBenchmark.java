package dev.jinrai.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// How fast threads read memory that no cache holds; run it with `-t 2` for two threads.
///
/// Two loops, because the slower one would be a statement about the loop. Both sum 1, 1, 1, … and fail on
/// another result.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
public class ReadBandwidthBenchmark {
    private static final int COUNT = 1 << 25; // longs, 256 MiB a thread
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment data = arena.allocate((long) COUNT * Long.BYTES, 64);

    @Setup
    public void prepare() {
        for (int i = 0; i < COUNT; i++) {
            data.setAtIndex(ValueLayout.JAVA_LONG, i, 1);
        }
        check(plainSum());
        check(vectorSum());
    }

    private static void check(long sum) {
        if (sum != COUNT) {
            throw new IllegalStateException("wanted a sum of %d, got %d".formatted(COUNT, sum));
        }
    }

    @Benchmark
    public long plain(Moved moved) {
        moved.add(data.byteSize(), 0);
        return plainSum();
    }

    @Benchmark
    public long vector(Moved moved) {
        moved.add(data.byteSize(), 0);
        return vectorSum();
    }

    private long plainSum() {
        long sum = 0;
        for (int i = 0; i < COUNT; i++) {
            sum += data.getAtIndex(ValueLayout.JAVA_LONG, i);
        }
        return sum;
    }

    private long vectorSum() {
        LongVector even = LongVector.zero(LONGS);
        LongVector odd = even;
        long step = 2L * LONGS.vectorByteSize();
        for (long at = 0; at < data.byteSize(); at += step) {
            even = even.add(load(at));
            odd = odd.add(load(at + LONGS.vectorByteSize()));
        }
        return even.add(odd).reduceLanes(VectorOperators.ADD); // whole numbers: any order will do
    }

    private LongVector load(long at) {
        return LongVector.fromMemorySegment(LONGS, data, at, ByteOrder.nativeOrder());
    }

    @TearDown
    public void close() {
        arena.close();
    }
}
