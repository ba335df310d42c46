package dev.jinrai.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/// The files of the repository.
final class Repository {
    private Repository() {}

    static Path root() {
        Path start = Path.of(System.getProperty("jinrai.root", "")).toAbsolutePath();
        for (Path at = start; at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve("goldens"))) {
                return at;
            }
        }
        throw new IllegalStateException(start + ": no folder 'goldens' here or above");
    }

    /// {@return a file that is there}
    static String file(String path) {
        Path file = root().resolve(path);
        if (!Files.isRegularFile(file)) {
            throw new IllegalStateException("no file " + file);
        }
        return file.toString();
    }

    /// The demo model in 16 bits: the reference stories are its.
    static String f16() {
        return file("demo/demo-f16.gguf");
    }
}
