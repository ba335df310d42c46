package dev.jinrai.backend.vector;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A pool of threads for loops over rows: the caller works too, and returns when all is done.
///
/// A model's pass is hundreds of short loops, so waiting threads spin for a moment before they
/// sleep: long enough to bridge the gap between two loops, short enough to be quiet when nobody
/// asks. Rows are handed out in runs that become shorter, so a slow core takes fewer of them, and the caller waits
/// only for runs that were taken, never for a thread that has not woken up: on a busy machine it does
/// the work itself. Which thread computes a row never changes its value.
///
/// One thread at a time may call [#parallel]. A loop allocates nothing. (The number of a loop wraps after
/// 2³¹ loops, weeks of work; only a thread that slept through all of them could mistake one for another.)
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

    /// How often the caller looks before it lets other threads run: a few microseconds.
    private static final int SPINS_BEFORE_YIELD = 2000;

    /// A thread takes this part of what would be its share of the items left: long runs first, for memory is best read in long
    /// stretches, and short ones last, so that uneven cores end together.
    private static final int SHARES = 3;

    /// An item beyond any loop's last.
    private static final long NOTHING_LEFT = Integer.MAX_VALUE;

    private final Thread[] threads;

    /// Whether there are more threads than processors: then whoever waits makes room at once, because
    /// the thread it waits for may have no processor to run on.
    private final boolean crowded;

    private final AtomicInteger sleeping = new AtomicInteger();

    /// The number of the loop in the upper half, the next item to hand out in the lower.
    ///
    /// A thread takes a run by moving the item forward. It may have looked long ago: then the number
    /// has changed and it takes nothing, so what it read about the loop meanwhile does not matter. The
    /// number changes twice for each loop: first to one that has nothing to hand out, under which the
    /// loop's fields are written, then to the loop's own.
    private final AtomicLong state = new AtomicLong();

    private final AtomicInteger done = new AtomicInteger();

    // The loop at hand: written before `state`, read after.
    private @Nullable Task task;
    private int count;
    private int run;

    private volatile @Nullable Throwable failure;
    private volatile boolean closed;

    Workers(int threads) {
        this.threads = new Thread[threads - 1];
        this.crowded = threads > Runtime.getRuntime().availableProcessors();
        for (int i = 0; i < this.threads.length; i++) {
            int worker = i + 1;
            this.threads[i] =
                    Thread.ofPlatform().name("jinrai-" + worker).daemon().start(() -> work(worker));
        }
    }

    int count() {
        return threads.length + 1;
    }

    /// Runs `task` over items `0 … items - 1`, in runs of at least `grain`, but the last.
    ///
    /// An exception of any part is thrown here once all parts have ended.
    void parallel(int items, int grain, Task task) {
        if (threads.length == 0 || items <= grain) {
            task.run(0, items, 0);
            return;
        }
        long closed = numberAfter(state.get()) | NOTHING_LEFT;
        state.set(closed);
        VarHandle.fullFence(); // the fields change after the number, for every thread
        this.task = task;
        this.count = items;
        this.run = grain;
        done.set(0);
        state.set(numberAfter(closed));
        if (sleeping.get() > 0) {
            for (Thread thread : threads) {
                LockSupport.unpark(thread);
            }
        }
        share(0);
        for (int spins = 0; done.get() < items; spins++) {
            pause(spins < SPINS_BEFORE_YIELD);
        }
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

    /// {@return the state of the next number, with item 0}
    private static long numberAfter(long state) {
        return ((state >>> 32) + 1) << 32;
    }

    private void work(int worker) {
        while (!closed) {
            long seen = state.get() >>> 32;
            share(worker);
            await(seen);
        }
    }

    /// Waits a moment.
    ///
    /// @param briefly whether what is waited for is expected to come within microseconds
    @SuppressWarnings("ThreadPriorityCheck") // the yield is for speed on busy machines only
    private void pause(boolean briefly) {
        if (briefly && !crowded) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }

    /// Waits for another loop than number `seen`.
    private void await(long seen) {
        long start = System.nanoTime();
        while (state.get() >>> 32 == seen && !closed) {
            if (System.nanoTime() - start < SPIN_NANOS) {
                pause(true);
                continue;
            }
            // Counted before the last look, so that a caller either is seen or sees the sleeper.
            sleeping.incrementAndGet();
            if (state.get() >>> 32 == seen && !closed) {
                LockSupport.park(this);
            }
            sleeping.decrementAndGet();
        }
    }

    /// Takes runs of the loop at hand until none is left.
    private void share(int worker) {
        while (true) {
            long seen = state.get();
            int from = (int) seen;
            Task current = task;
            int items = count;
            int left = items - from;
            int length = Math.min(Math.max(run, left / (SHARES * count())), left);
            if (length <= 0 || current == null) {
                return;
            }
            if (!state.compareAndSet(seen, seen + length)) {
                continue;
            }
            try {
                current.run(from, from + length, worker);
            } catch (RuntimeException | Error e) {
                failure = e;
            }
            done.addAndGet(length);
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
