package dev.jinrai.backend.vector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A pool of threads for loops over rows: the caller works too, and returns when all is done.
///
/// A model's pass is hundreds of short loops, so waiting threads spin for a moment before they
/// sleep: long enough to bridge the gap between two loops, short enough to be quiet when nobody
/// asks. Rows are handed out in small runs, so a slow core takes fewer of them. Which thread computes
/// a row never changes its value.
///
/// One thread at a time may call [#parallel].
final class Workers implements AutoCloseable {
    /// A part of a loop: items `from … to - 1`.
    ///
    /// `worker` is the number of the thread, from 0, for scratch memory of its own.
    @FunctionalInterface
    interface Task {
        void run(int from, int to, int worker);
    }

    /// How long a thread spins for the next loop: a few times the gap between two tokens' passes.
    private static final long SPIN_NANOS = 200_000;

    /// Runs handed out per thread and loop, so that uneven cores end together.
    private static final int RUNS_PER_THREAD = 8;

    private static final VarHandle ROUND;

    static {
        try {
            ROUND = MethodHandles.lookup().findVarHandle(Workers.class, "round", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Thread[] threads;
    private final boolean[] asleep;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger busy = new AtomicInteger();

    // The loop at hand; written before `round` is, read after.
    private @Nullable Task task;
    private int count;
    private int run;
    private volatile @Nullable Throwable failure;

    @SuppressWarnings("UnusedVariable") // through ROUND
    private int round;

    private volatile boolean closed;

    Workers(int threads) {
        this.threads = new Thread[threads - 1];
        this.asleep = new boolean[threads - 1];
        for (int i = 0; i < this.threads.length; i++) {
            int worker = i + 1;
            this.threads[i] =
                    Thread.ofPlatform().name("jinrai-" + worker).daemon().start(() -> work(worker));
        }
    }

    int count() {
        return threads.length + 1;
    }

    /// Runs `task` over items `0 … items - 1`, in runs of at least `grain`.
    ///
    /// An exception of any part is thrown here once all have ended.
    void parallel(int items, int grain, Task task) {
        if (threads.length == 0 || items <= grain) {
            task.run(0, items, 0);
            return;
        }
        this.task = task;
        this.count = items;
        this.run = Math.max(grain, Math.ceilDiv(items, count() * RUNS_PER_THREAD));
        next.set(0);
        busy.set(threads.length);
        ROUND.setVolatile(this, round + 1);
        synchronized (asleep) {
            for (int i = 0; i < threads.length; i++) {
                if (asleep[i]) {
                    LockSupport.unpark(threads[i]);
                }
            }
        }
        share(task, 0);
        while (busy.get() > 0) {
            Thread.onSpinWait();
        }
        this.task = null;
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            switch (thrown) {
                case Error e -> throw e;
                case RuntimeException e -> throw e;
                default -> throw new IllegalStateException(thrown);
            }
        }
    }

    private void work(int worker) {
        int seen = 0;
        while (true) {
            seen = await(worker, seen);
            if (closed) {
                return;
            }
            Task current = task;
            if (current != null) {
                share(current, worker);
            }
            busy.decrementAndGet();
        }
    }

    /// Waits for a round other than `seen`.
    private int await(int worker, int seen) {
        long start = System.nanoTime();
        int current;
        while ((current = (int) ROUND.getVolatile(this)) == seen && !closed) {
            if (System.nanoTime() - start < SPIN_NANOS) {
                Thread.onSpinWait();
                continue;
            }
            synchronized (asleep) {
                asleep[worker - 1] = true;
            }
            if ((int) ROUND.getVolatile(this) == seen && !closed) {
                LockSupport.park(this);
            }
            synchronized (asleep) {
                asleep[worker - 1] = false;
            }
        }
        return current;
    }

    private void share(Task current, int worker) {
        try {
            int from;
            while ((from = next.getAndAdd(run)) < count) {
                current.run(from, Math.min(from + run, count), worker);
            }
        } catch (RuntimeException | Error e) {
            failure = e;
            next.set(count);
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
        }
    }
}
