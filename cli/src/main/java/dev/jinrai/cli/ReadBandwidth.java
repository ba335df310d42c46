package dev.jinrai.cli;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// How fast this machine reads memory: the floor under every token, whose weights have to be read once.
///
/// Each thread sums the longs of a part of its own of a buffer that no cache holds; the best of several rounds
/// counts, because only disturbances make a round slower.
final class ReadBandwidth {
    private static final int ROUNDS = 12; // the first ones are interpreted

    private static final long LEAST_BYTES = 256L << 20;
    private static final long MOST_BYTES = 2L << 30;

    /// Buffer bytes per byte of the largest cache: what is left in it from the last round is of no use to
    /// a reader that comes from the front.
    private static final int CACHES = 4;

    private static final Path LINUX_CACHES = Path.of("/sys/devices/system/cpu/cpu0/cache");

    /// Every long of the buffer: a sum that has to be right cannot be left out.
    private static final long PATTERN = 0x0101010101010101L;

    private ReadBandwidth() {}

    /// {@return bytes per second of `threads` threads together}
    static double bytesPerSecond(int threads) {
        long share = bufferBytes() / threads / Long.BYTES * Long.BYTES;
        var together = new CyclicBarrier(threads);
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            Callable<List<Round>> reader =
                    () -> {
                        try {
                            return rounds(share, together);
                        } catch (RuntimeException | Error e) {
                            together.reset(); // the others would wait for this thread for ever
                            throw e;
                        }
                    };
            List<List<Round>> readers = new ArrayList<>();
            for (Future<List<Round>> each : pool.invokeAll(Collections.nCopies(threads, reader))) {
                readers.add(each.get());
            }
            long best = Long.MAX_VALUE;
            for (int i = 0; i < ROUNDS; i++) {
                int round = i;
                long start =
                        readers.stream().mapToLong(r -> r.get(round).start).min().orElseThrow();
                long end = readers.stream().mapToLong(r -> r.get(round).end).max().orElseThrow();
                best = Math.min(best, end - start);
            }
            return share * threads * 1e9 / best;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("the measurement of the memory was interrupted");
        } catch (ExecutionException e) {
            throw new CommandException("the memory cannot be measured: " + e.getCause());
        }
    }

    /// When a thread began to read and when it was through, in nanoseconds of one clock.
    private record Round(long start, long end) {}

    /// One thread's rounds. It allocates its part itself, so that the memory lies near its core.
    private static List<Round> rounds(long bytes, CyclicBarrier together)
            throws InterruptedException, BrokenBarrierException {
        List<Round> rounds = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment part = arena.allocate(bytes, Long.BYTES).fill((byte) PATTERN);
            for (int i = 0; i < ROUNDS; i++) {
                together.await();
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

    private static long bufferBytes() {
        return Math.clamp(CACHES * largestCacheBytes(), LEAST_BYTES, MOST_BYTES);
    }

    /// {@return as Linux says it, else 0}
    private static long largestCacheBytes() {
        long largest = 0;
        try (DirectoryStream<Path> caches = Files.newDirectoryStream(LINUX_CACHES, "index*")) {
            for (Path cache : caches) {
                String size = Files.readString(cache.resolve("size")).strip(); // 32768K
                if (size.endsWith("K")) {
                    long kib = Long.parseLong(size.substring(0, size.length() - 1));
                    largest = Math.max(largest, kib * 1024);
                }
            }
        } catch (IOException | NumberFormatException e) {
            return largest; // not Linux, or it does not say
        }
        return largest;
    }
}
