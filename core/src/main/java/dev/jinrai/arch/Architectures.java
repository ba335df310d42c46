package dev.jinrai.arch;

import dev.jinrai.model.ModelException;
import java.util.List;
import java.util.stream.Collectors;

/// Finds the [Architecture] a file names.
public final class Architectures {
    /// Every architecture this build knows. Adding one is a file in this package and a word here.
    public static final List<Architecture> ALL = List.of(new Llama());

    private Architectures() {}

    /// {@return the architecture of that name}
    ///
    /// @throws ModelException if this build has none; the message lists those it has
    public static Architecture named(String name) {
        return ALL.stream()
                .filter(a -> a.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new ModelException(
                                "architecture '%s' is not supported (known: %s)"
                                        .formatted(name, names())));
    }

    private static String names() {
        return ALL.stream().map(Architecture::name).sorted().collect(Collectors.joining(", "));
    }
}
