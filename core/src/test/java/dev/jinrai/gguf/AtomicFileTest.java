package dev.jinrai.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AtomicFileTest {
    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void replacesTheTargetWhenCommittedAndNotBefore(boolean mayBeUnnamed) throws IOException {
        Path target = Files.writeString(folder.resolve("target"), "old");
        try (var file = AtomicFile.create(target, mayBeUnnamed)) {
            write(file, "new");
            assertThat(target).hasContent("old");
            file.commit();
            assertThat(target).hasContent("new");
        }
        assertThat(target).hasContent("new");
        assertThat(files()).containsExactly(target);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void leavesNothingWhenItIsNotCommitted(boolean mayBeUnnamed) throws IOException {
        Path target = folder.resolve("target");
        try (var file = AtomicFile.create(target, mayBeUnnamed)) {
            write(file, "half");
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void hasNoNameBeforeItIsWholeWhereTheSystemHasSuchFiles() throws IOException {
        assumeTrue(
                AtomicFile.class.getModule().isNativeAccessEnabled()
                        && System.getProperty("os.name").equals("Linux"),
                "only Linux has files without a name, and only for who may call C");
        try (var file = AtomicFile.create(folder.resolve("target"))) {
            write(file, "half");
            assertThat(files()).isEmpty();
        }
    }

    @Test
    void saysThatThereIsNoDirectory() {
        assertThatExceptionOfType(FileSystemException.class)
                .isThrownBy(() -> AtomicFile.create(folder.resolve("none/target")))
                .satisfies(e ->
                        assertThat(e.getReason())
                                .isEqualTo("no directory " + folder.resolve("none")));
    }

    @Test
    void leavesOtherFilesAlone() throws IOException {
        Path similar = Files.writeString(folder.resolve(".jinrai-notes.part"), "mine");
        try (var alive = AtomicFile.create(folder.resolve("a"), false);
                var other = AtomicFile.create(folder.resolve("b"), false)) {
            alive.commit();
            other.commit();
        }
        assertThat(files())
                .containsExactlyInAnyOrder(similar, folder.resolve("a"), folder.resolve("b"));
    }

    @Test
    void removesThePartsOfTheDeadAndNotOfTheLiving() throws Exception {
        Path forgotten =
                Files.writeString(
                        folder.resolve(".jinrai-%s.part".formatted(UUID.randomUUID())), "lost");
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                place(AtomicFile.class)
                                        + System.getProperty("path.separator")
                                        + place(Writer.class),
                                Writer.class.getName(),
                                folder.resolve("target").toString())
                        .start();
        try {
            assertThat(process.getInputStream().read()).as("it has begun").isEqualTo('1');
            assertThat(files()).as("it removed what nobody holds").doesNotContain(forgotten);
            assertThat(files()).hasSize(1);
            Path part = files().getFirst();

            create();
            assertThat(files()).as("it is alive").contains(part);

            process.destroyForcibly().waitFor(); // SIGKILL: nothing of it runs any more
            assertThat(files()).contains(part);
            create();
            assertThat(files()).containsExactly(folder.resolve("other"));
        } finally {
            process.destroyForcibly();
        }
    }

    /// Begins a file with a name and waits.
    static final class Writer {
        private Writer() {}

        public static void main(String[] arguments) throws Exception {
            try (var file = AtomicFile.create(Path.of(arguments[0]), false)) {
                System.out.print('1');
                System.out.flush();
                Thread.sleep(60_000);
                file.commit();
            }
        }
    }

    private void create() throws IOException {
        try (var file = AtomicFile.create(folder.resolve("other"))) {
            file.commit();
        }
    }

    private static void write(AtomicFile file, String text) throws IOException {
        file.channel().write(ByteBuffer.wrap(text.getBytes(UTF_8)));
    }

    private static Path place(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
