package dev.jinrai.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The reference data, made by llama.cpp: `goldens/` at the root of the repository.
///
/// Found by the system property `jinrai.goldens`, else in the nearest folder above the working
/// directory that has it. Its absence is a failure: a golden test that skips proves nothing.
public final class Goldens {
    private Goldens() {}

    /// {@return the folder that holds `quants/`, `models/`, …}
    public static Path folder() {
        String given = System.getProperty("jinrai.goldens", "");
        if (!given.isEmpty()) {
            return Path.of(given);
        }
        Path start = Path.of("").toAbsolutePath();
        for (Path up = start; up != null; up = up.getParent()) {
            if (Files.isDirectory(up.resolve("goldens"))) {
                return up.resolve("goldens");
            }
        }
        throw new IllegalStateException(
                "no folder 'goldens' in or above %s; set -Djinrai.goldens".formatted(start));
    }

    /// {@return a file of the reference data}
    ///
    /// @param path for instance `quants/Q4_0.gguf`
    public static Path file(String path) {
        Path file = folder().resolve(path);
        if (!Files.isRegularFile(file)) {
            throw new IllegalStateException("no golden " + file);
        }
        return file;
    }

    /// {@return every GGUF file of a part, in its folders too, by name}
    ///
    /// @param part for instance `quants`
    public static List<Path> ggufs(String part) {
        try (Stream<Path> files = Files.walk(folder().resolve(part))) {
            return files.filter(file -> file.toString().endsWith(".gguf")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
