package dev.jinrai.huggingface;

import dev.jinrai.gguf.Quote;
import java.util.List;
import java.util.stream.Collectors;

/// Finds the [Family] of a `config.json`.
final class Families {
    /// Every family this build knows.
    static final List<Family> ALL = List.of(new Llama(), new Mistral(), new Mixtral());

    private Families() {}

    /// @throws dev.jinrai.model.ModelException if this build has none; the message lists those it has
    static Family of(Config config) {
        String name = config.architecture();
        return ALL.stream()
                .filter(family -> family.classes().contains(name))
                .findFirst()
                .orElseThrow(() ->
                        config.wrong(
                                "architectures",
                                "%s is not supported (known: %s)"
                                        .formatted(Quote.quote(name), names())));
    }

    private static String names() {
        return ALL.stream()
                .flatMap(family -> family.classes().stream())
                .sorted()
                .collect(Collectors.joining(", "));
    }
}
