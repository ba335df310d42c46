package dev.jinrai.demo;

import dev.jinrai.testing.Goldens;
import dev.jinrai.testing.Variants;
import java.nio.file.Path;

/// The demo model in the formats of the tests.
public final class DemoFiles {
    private DemoFiles() {}

    /// {@return the file that is shipped, for `f16` and `Q8_0`; for other mixes one made from it}
    public static Path of(String format) {
        return switch (format) {
            case "f16", "Q8_0" ->
                    Goldens.folder().resolveSibling("demo/demo-%s.gguf".formatted(format));
            default -> Variants.demo(format);
        };
    }
}
