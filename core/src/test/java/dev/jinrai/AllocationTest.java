package dev.jinrai;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.jinrai.demo.DemoFiles;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a token of an answer leaves behind for the garbage collector.
///
/// The kernels allocate nothing, and a pass only handles: a batch, and for each verb the object that hands its
/// loop to the worker threads. There are as many verbs in each layer, hence the form of the bound.
class AllocationTest {
    /// The step's batch and its arrays of one number, its pass, the first and the last layer's verbs; and what
    /// `StrictMath` leaves behind for the angles of the rotary embedding.
    private static final long BYTES_PER_TOKEN = 2048;

    /// Some twenty verbs, each with one small object for the workers: about 600 bytes.
    private static final long BYTES_PER_LAYER = 1024;

    /// Steps between two positions at which the KV cache grows by a block of 64.
    private static final int STEPS = 50;

    /// Tokens of a pass that is no longer one for plain kernels: from then on the vector kernels compute. Positions
    /// beyond 512 are several parts of an attention.
    private static final int PROMPT = 580;

    /// Rounds of steps that have to stay within the bound, one after the other.
    private static final int ROUNDS = 10;

    /// Interpreted and half-compiled kernels put their vectors on the heap: they are warm once C2 has
    /// compiled them, which a busy machine may put off for long.
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    @ParameterizedTest
    @CsvSource({"Q8_0,70", "Q8_0,580", "Q4_K_M,580", "f16,580"})
    void aWarmSessionAllocatesHandlesAndNothingElse(String file, int depth) {
        var options = ModelOptions.DEFAULTS.withBackend("cpu").withThreads(2);
        try (Model model = Model.open(DemoFiles.of(file), options);
                Session session = model.newSession()) {
            session.feed(new int[PROMPT]);
            long bound = BYTES_PER_TOKEN + BYTES_PER_LAYER * model.config().layers().size();
            long[] threads = computeThreads();
            long start = System.nanoTime();
            List<Long> rounds = new ArrayList<>();
            int within = 0;
            while (within < ROUNDS && System.nanoTime() - start < PATIENCE_NANOS) {
                long bytes = bytesPerToken(session, depth, threads);
                assertThat(bytes).isPositive();
                within = bytes <= bound ? within + 1 : 0;
                rounds.add(bytes);
            }
            assertThat(within)
                    .as("rounds within %d bytes per token; all were %s", bound, rounds)
                    .isEqualTo(ROUNDS);
        }
    }

    private static long bytesPerToken(Session session, int depth, long[] threads) {
        session.rewind(depth);
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
