package dev.jinrai;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.jinrai.testing.Goldens;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// What a token of an answer leaves behind for the garbage collector.
///
/// The kernels allocate nothing, and a pass only handles: a batch, and for each verb the object that hands its
/// loop to the worker threads. There are as many verbs in each layer, hence the form of the bound.
class AllocationTest {
    private static final Path DEMO = Goldens.folder().resolveSibling("demo/demo-Q8_0.gguf");

    /// The step's batch and its arrays of one number, its pass, the first and the last layer's verbs; and what
    /// `StrictMath` leaves behind for the angles of the rotary embedding.
    private static final long BYTES_PER_TOKEN = 2048;

    /// Some twenty verbs, each with one small object for the workers: about 600 bytes.
    private static final long BYTES_PER_LAYER = 1024;

    /// Steps between two positions at which the KV cache grows by a block of 64.
    private static final int FIRST = 70;

    private static final int STEPS = 50;

    /// Interpreted and half-compiled kernels put their vectors on the heap: they are warm once C2 has
    /// compiled them, which a busy machine may put off for long.
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    @Test
    void aWarmSessionAllocatesHandlesAndNothingElse() {
        try (Model model =
                        Model.open(DEMO, ModelOptions.DEFAULTS.withBackend("cpu").withThreads(2));
                Session session = model.newSession()) {
            session.feed(new int[FIRST]);
            long bound = BYTES_PER_TOKEN + BYTES_PER_LAYER * model.config().layers().size();
            long[] threads = computeThreads();
            long start = System.nanoTime();
            long least = Long.MAX_VALUE;
            while (least > bound && System.nanoTime() - start < PATIENCE_NANOS) {
                least = Math.min(least, bytesPerToken(session, threads));
            }
            assertThat(least).as("bytes per token").isPositive().isLessThanOrEqualTo(bound);
        }
    }

    private static long bytesPerToken(Session session, long[] threads) {
        session.rewind(FIRST);
        long before = allocated(threads);
        for (int i = 0; i < STEPS; i++) {
            session.feed(1 + i);
        }
        return (allocated(threads) - before) / STEPS;
    }

    private static long allocated(long[] threads) {
        var beans = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return Arrays.stream(beans.getThreadAllocatedBytes(threads)).sum();
    }

    /// {@return this thread and the backends' workers}
    private static long[] computeThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.equals(Thread.currentThread()) || t.getName().startsWith("jinrai-"))
                .mapToLong(Thread::threadId)
                .toArray();
    }
}
