package dev.jinrai.cli;

import dev.jinrai.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicBoolean;

/// How fast this machine reads memory: the floor under every token, whose weights have to be read once.
///
/// Each thread sums the longs of a part of its own of a buffer that no cache holds; the best of several rounds
/// counts, because only disturbances make a round slower.
final class ReadBandwidth {
    private static final int ROUNDS = 12; // the first ones are interpreted

    private static final long USUAL_BYTES = 256L << 20;
    private static final long MOST_BYTES = 8L << 30;

    /// Below, a round is too short to be timed.
    private static final long LEAST_BYTES = 64L << 20;

    /// Of each thread where the caches are not known: more than a core's share of any.
    private static final long THREAD_BYTES = 64L << 20;

    /// Buffer bytes per byte of the caches: what is left in them from the last round is of no use to
    /// a reader that comes from the front.
    private static final int CACHES = 4;

    /// The same where memory is scarce.
    private static final int LEAST_CACHES = 2;

    /// Part of the memory that is available which the buffer may take: the model is open beside it.
    private static final int PART_OF_AVAILABLE = 2;

    private static final Path LINUX_CPUS = Path.of("/sys/devices/system/cpu");

    /// Every long of the buffer: a sum that has to be right cannot be left out.
    private static final long PATTERN = 0x0101010101010101L;

    private ReadBandwidth() {}

    /// Where a thread's part comes from.
    @FunctionalInterface
    interface Parts {
        MemorySegment allocate(Arena arena, long bytes);
    }

    /// {@return bytes per second of `threads` threads together}
    ///
    /// @throws CommandException if it cannot be measured; the message says why
    static double bytesPerSecond(int threads) {
        long caches = LastLevelCaches.bytes(LINUX_CPUS);
        long bytes = bufferBytes(caches, threads, Memory.here().available());
        return bytesPerSecond(
                threads, bytes / threads, (arena, part) -> arena.allocate(part, Long.BYTES));
    }

    /// {@return the size of the buffer, as large as to miss the caches, as far as there is memory}
    ///
    /// @param caches the size of all last-level caches together, 0 if it is not known
    static long bufferBytes(long caches, int threads, OptionalLong available) {
        long usual = caches > 0 ? CACHES * caches : THREAD_BYTES * threads;
        long wanted = Math.clamp(usual, USUAL_BYTES, MOST_BYTES);
        long allowed = available.orElse(Long.MAX_VALUE) / PART_OF_AVAILABLE;
        long least = Math.max(LEAST_BYTES, Math.min(wanted, LEAST_CACHES * caches));
        if (allowed < least) {
            throw failure(
                    "a buffer that no cache holds takes %s, and %s of memory are available"
                            .formatted(Bytes.of(least), Bytes.of(available.orElse(0))));
        }
        return Math.min(wanted, allowed);
    }

    private static CommandException failure(String reason) {
        return new CommandException("the memory's read bandwidth was not measured: " + reason);
    }

    /// @param bytes the size of each thread's part
    static double bytesPerSecond(int threads, long bytes, Parts parts) {
        long part = bytes / Long.BYTES * Long.BYTES;
        var readers = new Readers(threads, part, parts);
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<List<Round>> all = new ArrayList<>();
            for (Future<List<Round>> each : readers.run(pool)) {
                all.add(each.get());
            }
            long best = Long.MAX_VALUE;
            for (int i = 0; i < ROUNDS; i++) {
                int round = i;
                long start = all.stream().mapToLong(r -> r.get(round).start).min().orElseThrow();
                long end = all.stream().mapToLong(r -> r.get(round).end).max().orElseThrow();
                best = Math.min(best, end - start);
            }
            return part * threads * 1e9 / best;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure("it was interrupted");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof OutOfMemoryError
                    ? outOfMemory(threads, part)
                    : failure(String.valueOf(e.getCause()));
        } catch (OutOfMemoryError e) { // for a thread
            throw outOfMemory(threads, part);
        }
    }

    private static CommandException outOfMemory(int threads, long part) {
        return failure(
                "there is no memory for %d thread%s with %s each"
                        .formatted(threads, threads == 1 ? "" : "s", Bytes.of(part)));
    }

    /// When a thread began to read and when it was through, in nanoseconds of one clock.
    private record Round(long start, long end) {}

    /// Threads that begin each round together. Nobody waits for one that has failed or never came.
    private static final class Readers {
        private final int threads;
        private final long bytes;
        private final Parts parts;
        private final Phaser together;
        private final AtomicBoolean failed = new AtomicBoolean();

        Readers(int threads, long bytes, Parts parts) {
            this.threads = threads;
            this.bytes = bytes;
            this.parts = parts;
            together = new Phaser(threads);
        }

        /// {@return each thread's rounds, or how it failed; all have ended}
        List<Future<List<Round>>> run(ExecutorService pool) throws InterruptedException {
            Callable<List<Round>> reader = this::read;
            try {
                return pool.invokeAll(Collections.nCopies(threads, reader));
            } finally {
                together.forceTermination();
            }
        }

        private List<Round> read() {
            try {
                return rounds();
            } catch (RuntimeException | Error e) {
                failed.set(true);
                throw e;
            } finally {
                together.arriveAndDeregister();
            }
        }

        /// One thread's rounds. It allocates its part itself, so that the memory lies near its core; none reads before all
        /// have theirs.
        private List<Round> rounds() {
            List<Round> rounds = new ArrayList<>();
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment part = parts.allocate(arena, bytes).fill((byte) PATTERN);
                for (int i = 0; i < ROUNDS; i++) {
                    together.arriveAndAwaitAdvance();
                    if (failed.get()) {
                        break;
                    }
                    long start = System.nanoTime();
                    long sum = sum(part);
                    rounds.add(new Round(start, System.nanoTime()));
                    if (sum != bytes / Long.BYTES * PATTERN) {
                        throw new IllegalStateException("the sum of the buffer is wrong: " + sum);
                    }
                }
            }
            return rounds;
        }

        private static long sum(MemorySegment part) {
            int count = (int) (part.byteSize() / Long.BYTES);
            long sum = 0;
            for (int i = 0; i < count; i++) {
                sum += part.getAtIndex(ValueLayout.JAVA_LONG, i);
            }
            return sum;
        }
    }
}
