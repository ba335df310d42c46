package dev.jinrai.backend.vector;

import dev.jinrai.backend.Tensor;
import dev.jinrai.format.Format;
import dev.jinrai.format.GgmlType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Gets the kernels of a model's formats compiled before there is work for them: while the file is read from the disk, or a
/// user writes a first message.
///
/// Until C2 has compiled them, vectors are objects on the heap and kernels ten to a thousand times slower. A thread of its own runs them
/// ([Scene]) until they are quick, once in a process for each format. The first product ends it: real work on all threads
/// compiles them as fast, and has something to show for it.
final class WarmUp implements AutoCloseable {
    /// Nanoseconds for a multiplication on one thread: compiled kernels take half of that with registers of 512 bits. Where
    /// they take longer, patience ends it.
    private static final double QUICK = 0.15;

    /// Rounds that have to be so quick, one after the other.
    private static final int ROUNDS = 3;

    /// How long it waits for work that comes at once, which is better off alone.
    private static final long PAUSE_NANOS = 200_000_000;

    /// It also ends when no round was a tenth quicker than those before for so long, and in any case after
    /// [#LONGEST_NANOS].
    private static final long PATIENCE_NANOS = 1_000_000_000;

    private static final long LONGEST_NANOS = 6_000_000_000L;

    /// Rows and columns of its matrices.
    private static final int LENGTH = 512;

    /// Formats that were warmed up to the end, in this process.
    private static final Set<GgmlType> DONE = ConcurrentHashMap.newKeySet();

    private final Set<GgmlType> done;
    private final Set<GgmlType> seen = EnumSet.noneOf(GgmlType.class);
    private final List<Format> formats = new ArrayList<>();
    private @Nullable Thread thread;
    private volatile boolean over;

    WarmUp() {
        this(DONE);
    }

    /// @param done formats that need none; receives those that had one, and may be shared
    WarmUp(Set<GgmlType> done) {
        this.done = done;
    }

    /// Counts a weight in. A single row is a norm's.
    void add(Tensor tensor) {
        if (tensor.rows() > 1 && seen.add(tensor.format().type())) {
            formats.add(tensor.format());
        }
    }

    /// Starts, unless there is nothing to compile or it was started before.
    void start() {
        if (thread != null) {
            return;
        }
        List<Format> cold =
                formats.stream().filter(format -> !done.contains(format.type())).toList();
        if (!cold.isEmpty()) {
            thread =
                    Thread.ofPlatform()
                            .name("warm-up")
                            .daemon()
                            .uncaughtExceptionHandler(
                                    (_, _) -> {}) // a small heap, say; nobody needs it
                            .start(() -> run(cold));
        }
    }

    /// {@return whether it is under way}
    boolean running() {
        return thread != null && thread.isAlive();
    }

    /// Waits for its end.
    void join() throws InterruptedException {
        if (thread != null) {
            thread.join();
        }
    }

    /// Ends it.
    @Override
    public void close() {
        over = true;
        LockSupport.unpark(thread);
    }

    private void run(List<Format> cold) {
        try (var workers = new Workers(1);
                var scene =
                        new Scene(
                                new VectorKernels(workers, new GroupedAttention(workers)),
                                cold,
                                LENGTH)) {
            LockSupport.parkNanos(PAUSE_NANOS);
            long start = System.nanoTime();
            long bestAt = start;
            double best = Double.POSITIVE_INFINITY;
            int quick = 0;
            while (quick < ROUNDS
                    && System.nanoTime() - bestAt < PATIENCE_NANOS
                    && System.nanoTime() - start < LONGEST_NANOS) {
                if (over) {
                    return;
                }
                long nanos = scene.play(() -> over);
                quick = nanos < QUICK * scene.multiplications() ? quick + 1 : 0;
                if (nanos < 0.9 * best) {
                    best = nanos;
                    bestAt = System.nanoTime();
                }
            }
        }
        cold.forEach(format -> done.add(format.type()));
    }
}
