package dev.jinrai.backend.vector;

import dev.jinrai.format.Format;
import dev.jinrai.format.Q8_0;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Runs the vector kernels on a thread of its own, over zeros, until C2 has compiled the larger part of them: by then they are not
/// much slower than the plain ones, and finish sooner over real work on all threads.
///
/// After each round the thread rests as long, for on a machine with two cores the answer needs both, and the compiler's
/// threads as well.
final class Rehearsal implements AutoCloseable {
    /// How much slower vectors may be; until they are compiled it is a hundred times and more.
    private static final int SLOWER = 8;

    /// Rounds in which they have to be that fast, one after the other.
    private static final int ROUNDS = 3;

    /// How long after a pass it goes on: a process that nobody asks is quiet.
    private static final long LINGER_NANOS = 250_000_000L;

    /// Rows and columns of its matrix.
    private static final int LENGTH = 256;

    private @Nullable Thread thread;
    private volatile long lastPass;
    private volatile boolean waiting;
    private volatile boolean over;

    /// Starts, or goes on: a pass begins.
    void goOn() {
        lastPass = System.nanoTime();
        if (thread == null) {
            thread = Thread.ofPlatform().name("rehearsal").daemon().start(this::run);
        } else if (waiting) {
            LockSupport.unpark(thread);
        }
    }

    /// {@return whether the vector kernels are to be used}
    boolean over() {
        return over;
    }

    @Override
    public void close() {
        over = true;
        LockSupport.unpark(thread);
    }

    /// Waits while nobody computes.
    private void awaitPass() {
        waiting = true; // before the look at the time, so that whoever sets that sees it
        while (!over && System.nanoTime() - lastPass > LINGER_NANOS) {
            LockSupport.park(this);
        }
        waiting = false;
    }

    private void run() {
        List<Format> formats = List.of(new Q8_0());
        try (var workers = new Workers(1);
                var plain = new Scene(new PlainKernels(workers), formats, LENGTH);
                var vectors =
                        new Scene(
                                new VectorKernels(workers, new GroupedAttention(workers)),
                                formats,
                                LENGTH)) {
            int fast = 0;
            while (fast < ROUNDS && !over) {
                long nanos = vectors.play(() -> over);
                fast = nanos < SLOWER * plain.play(() -> over) ? fast + 1 : 0;
                LockSupport.parkNanos(nanos);
                awaitPass();
            }
        } finally {
            over = true;
        }
    }
}
