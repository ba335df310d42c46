package dev.jinrai.backend.vector;

import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Heads;
import dev.jinrai.backend.HeapBuffer;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.backend.Tensor;
import dev.jinrai.format.Q8_0;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
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
        try (var workers = new Workers(1)) {
            var plain = new Scene(new PlainKernels(workers));
            var vectors = new Scene(new VectorKernels(workers, new GroupedAttention(workers)));
            int fast = 0;
            while (fast < ROUNDS && !over) {
                long nanos = vectors.play();
                fast = nanos < SLOWER * plain.play() ? fast + 1 : 0;
                LockSupport.parkNanos(nanos);
                awaitPass();
            }
        } finally {
            over = true;
        }
    }

    /// A layer's work with a token and with a few.
    private static final class Scene {
        private static final int LENGTH = 256;
        private static final int TOKENS = 6;
        private static final Heads HEADS = new Heads(4, 2, 32, 32, 1);

        private static final KvLayout LAYOUT =
                new KvLayout(List.of(new KvLayout.Layer(2, 32, 32)), TOKENS, KvType.F16);

        private final Kernels kernels;
        private final float[] norm = new float[LENGTH];
        private final HeapBuffer x = new HeapBuffer(TOKENS, LENGTH);
        private final HeapBuffer y = new HeapBuffer(TOKENS, LENGTH);
        private final int[] identity = new int[TOKENS];

        private final Tensor matrix =
                new Tensor(
                        "rehearsal",
                        new Q8_0(),
                        1,
                        LENGTH,
                        LENGTH,
                        MemorySegment.ofArray(new byte[LENGTH * LENGTH / 32 * 34]));

        private Scene(Kernels kernels) {
            this.kernels = kernels;
            Arrays.setAll(identity, i -> i);
        }

        /// {@return how long a round took, in nanoseconds}
        long play() {
            try (var arena = Arena.ofConfined();
                    var cache = new BlockedKvCache(LAYOUT)) {
                cache.reserve(0, TOKENS);
                long start = System.nanoTime();
                play(1, new PanelMatrix(matrix, arena), cache);
                play(TOKENS, new PanelMatrix(matrix, arena), cache);
                return System.nanoTime() - start;
            }
        }

        private void play(int tokens, PanelMatrix weight, BlockedKvCache cache) {
            float[] a = HeapBuffer.data(x);
            float[] b = HeapBuffer.data(y);
            for (int t = 0; t < tokens; t++) {
                kernels.rmsNorm(b, a, t * LENGTH, LENGTH, norm, 1, 0);
            }
            kernels.multiply(a, identity, weight, 0, b, identity, tokens);
            kernels.multiply(a, identity, weight, 0, b, identity, tokens);
            var batch = Batch.of(cache, new int[tokens], Batch.Logits.NONE);
            kernels.attention(x.first(tokens), y.first(tokens), batch, 0, HEADS);
            kernels.add(a, b, 0, tokens * LENGTH);
            kernels.silu(a, 0, tokens * LENGTH);
            kernels.multiply(a, b, 0, tokens * LENGTH);
        }
    }
}
