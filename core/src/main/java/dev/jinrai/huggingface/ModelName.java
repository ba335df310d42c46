package dev.jinrai.huggingface;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/// What to call a model: the words of its directory's name. In the hub's cache that is `models--OWNER--NAME/snapshots/REVISION`.
final class ModelName {
    private static final String CACHED = "models--";

    private ModelName() {}

    static String of(Path directory) {
        Path path = directory.toAbsolutePath().normalize();
        Path parent = path.getParent();
        Path cached = parent == null ? null : parent.getParent();
        Path name = path.getFileName();
        if (parent != null
                && parent.endsWith("snapshots")
                && cached != null
                && cached.getFileName() != null
                && cached.getFileName().toString().startsWith(CACHED)) {
            String whole = cached.getFileName().toString();
            return title(whole.substring(whole.lastIndexOf("--") + 2));
        }
        return name == null ? "model" : title(name.toString());
    }

    /// `tiny-llama-v1.0` is `Tiny Llama v1.0`.
    static String title(String name) {
        String title =
                Arrays.stream(name.strip().replace('-', ' ').split("\\s+", -1))
                        .map(ModelName::capitalized)
                        .collect(Collectors.joining(" "));
        return title.isEmpty() ? name : title;
    }

    private static String capitalized(String word) {
        boolean plain = word.equals(word.toLowerCase(Locale.ROOT)) && !word.matches("v\\d.*|\\d.*");
        return plain && !word.isEmpty()
                ? word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1)
                : word;
    }
}
