package dev.jinrai.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadBandwidthTest {
    private static final long MIB = 1 << 20;
    private static final long GIB = 1 << 30;
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir Path cpus;

    @Test
    void readsTheMemory() {
        assertThat(ReadBandwidth.bytesPerSecond(2)).isGreaterThan(1e8);
    }

    /// The thread that fails is the first to be done; the others have a buffer to fill.
    @Test
    void saysThatThereIsNoMemoryForAThreadAndWaitsForNobody() {
        for (int failing = 0; failing < 3; failing++) {
            var calls = new AtomicInteger();
            int which = failing;
            ReadBandwidth.Parts parts =
                    (arena, bytes) -> {
                        if (calls.getAndIncrement() == which) {
                            throw new OutOfMemoryError("made up");
                        }
                        LockSupport.parkNanos(20_000_000);
                        return arena.allocate(bytes);
                    };

            assertTimeoutPreemptively(
                    SOON,
                    () ->
                            assertThatThrownBy(() -> ReadBandwidth.bytesPerSecond(3, MIB, parts))
                                    .isInstanceOf(CommandException.class)
                                    .hasMessage(
                                            "the memory's read bandwidth was not measured: there is"
                                                + " no memory for 3 threads with 1.0 MiB each"));
        }
    }

    @Test
    void saysWhatElseWentWrong() {
        assertTimeoutPreemptively(
                SOON,
                () ->
                        assertThatThrownBy(() ->
                                        ReadBandwidth.bytesPerSecond(
                                                2,
                                                MIB,
                                                (arena, bytes) -> {
                                                    throw new IllegalStateException("made up");
                                                }))
                                .isInstanceOf(CommandException.class)
                                .hasMessageContaining("IllegalStateException: made up"));
    }

    /// One core after the other describes the caches it sees; the last ones are counted once each.
    @Test
    void theLastCachesOfAllCoresAreAddedUp() throws IOException {
        for (int core = 0; core < 16; core++) {
            cache(core, 0, 1, "32K", "" + core);
            cache(core, 2, 2, "1024K", "" + core);
            int first = core / 8 * 8;
            cache(core, 3, 3, "32768K", "%d-%d".formatted(first, first + 7));
        }
        Files.createDirectories(cpus.resolve("cpu16")); // offline: it has no folder of caches
        Files.createDirectories(cpus.resolve("cpufreq"));

        assertThat(LastLevelCaches.bytes(cpus)).isEqualTo(64 * MIB);
        assertThat(LastLevelCaches.bytes(cpus.resolve("none"))).isZero();
    }

    private void cache(int core, int index, int level, String size, String cores)
            throws IOException {
        Path cache = cpus.resolve("cpu%d/cache/index%d".formatted(core, index));
        Files.createDirectories(cache);
        Files.writeString(cache.resolve("level"), level + "\n");
        Files.writeString(cache.resolve("size"), size + "\n");
        Files.writeString(cache.resolve("shared_cpu_list"), cores + "\n");
    }

    @Test
    void theBufferIsLargerThanTheCachesAndNotThanTheMemory() {
        var plenty = OptionalLong.of(64 * GIB);
        // 64 cores of an EPYC have eight caches of 32 MiB.
        assertThat(ReadBandwidth.bufferBytes(256 * MIB, 64, plenty)).isEqualTo(GIB);
        assertThat(ReadBandwidth.bufferBytes(256 * MIB, 1, plenty)).isEqualTo(GIB);
        assertThat(ReadBandwidth.bufferBytes(8 * MIB, 4, plenty)).isEqualTo(256 * MIB);
        // Where the system says nothing of its caches, or of its memory.
        assertThat(ReadBandwidth.bufferBytes(0, 16, plenty)).isEqualTo(GIB);
        assertThat(ReadBandwidth.bufferBytes(0, 2, OptionalLong.empty())).isEqualTo(256 * MIB);
        // Half of what is left, while that is no cache's size.
        assertThat(ReadBandwidth.bufferBytes(32 * MIB, 2, OptionalLong.of(300 * MIB)))
                .isEqualTo(150 * MIB);
        assertThatThrownBy(
                        () -> ReadBandwidth.bufferBytes(256 * MIB, 64, OptionalLong.of(900 * MIB)))
                .isInstanceOf(CommandException.class)
                .hasMessage(
                        "the memory's read bandwidth was not measured: a buffer that no cache holds"
                                + " takes 512.0 MiB, and 900.0 MiB of memory are available");
        assertThatThrownBy(() -> ReadBandwidth.bufferBytes(0, 1, OptionalLong.of(100 * MIB)))
                .isInstanceOf(CommandException.class);
    }
}
