package dev.jinrai.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WarmingTest {
    private static final long SIZE = 2 * Warming.CHUNK + 12345;
    private static final OptionalLong PLENTY = OptionalLong.of(1L << 40);

    @TempDir Path folder;
    private final Arena arena = Arena.ofShared();
    private MemorySegment mapping = MemorySegment.NULL;
    private final Heard heard = new Heard();

    private static final class Heard implements Warming.Listener {
        private final List<Long> done = new ArrayList<>();
        private final List<Long> refused = new ArrayList<>();

        @Override
        public void read(long bytes, long total) {
            assertThat(total).isEqualTo(SIZE);
            done.add(bytes);
        }

        @Override
        public void tooLarge(long total, long available) {
            refused.addAll(List.of(total, available));
        }
    }

    @BeforeEach
    void map() throws IOException {
        Path file = folder.resolve("weights");
        Files.write(file, new byte[(int) SIZE]);
        try (var channel = FileChannel.open(file)) {
            mapping = channel.map(FileChannel.MapMode.READ_ONLY, 0, SIZE, arena);
        }
    }

    @AfterEach
    void unmap() {
        arena.close();
    }

    @Test
    void everythingIsInMemoryAfterwards() {
        Warming.warm(List.of(mapping), PLENTY, heard);

        assertThat(mapping.isLoaded()).isTrue();
        assertThat(heard.done).containsExactly(Warming.CHUNK, 2 * Warming.CHUNK, SIZE);
        assertThat(heard.refused).isEmpty();
    }

    @Test
    void reportsOverAllSegments() {
        Warming.warm(
                List.of(
                        mapping.asSlice(0, 7),
                        MemorySegment.ofArray(new byte[100]), // no file behind it
                        mapping.asSlice(107)),
                PLENTY,
                heard);

        assertThat(heard.done)
                .containsExactly(7L, 107L, 107 + Warming.CHUNK, 107 + 2 * Warming.CHUNK, SIZE);
    }

    @Test
    void moreThanTheMemoryThatIsAvailableIsLeftAlone() {
        Warming.warm(List.of(mapping), OptionalLong.of(SIZE - 1), heard);

        assertThat(heard.done).isEmpty();
        assertThat(heard.refused).containsExactly(SIZE, SIZE - 1);
    }

    @Test
    void nothingIsReadWhereTheSystemDoesNotSayWhatIsAvailable() {
        Warming.warm(List.of(mapping), OptionalLong.empty(), heard);

        assertThat(heard.done).isEmpty();
        assertThat(heard.refused).isEmpty();
    }

    @Test
    void anInterruptStopsIt() {
        Thread.currentThread().interrupt();
        Warming.warm(List.of(mapping), PLENTY, heard);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(heard.done).isEmpty();
    }
}
