package dev.jinrai.sampler;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A sampler that can be put at any place of the chain, by llama.cpp's name.
public enum Stage {
    /// Repetition, presence and frequency penalties.
    PENALTIES("penalties"),
    /// Lowers what would repeat a sequence.
    DRY("dry"),
    /// Logits within standard deviations of the best.
    TOP_N_SIGMA("top_n_sigma"),
    /// The most probable tokens.
    TOP_K("top_k"),
    /// Locally typical tokens.
    TYPICAL("typ_p"),
    /// The nucleus: the fewest tokens that reach a probability.
    TOP_P("top_p"),
    /// Tokens that are not much less probable than the best.
    MIN_P("min_p"),
    /// Excludes top choices, now and then.
    XTC("xtc"),
    /// Divides the logits, by a fixed or a dynamic temperature.
    TEMPERATURE("temperature");

    private final String label;

    Stage(String label) {
        this.label = label;
    }

    /// {@return llama.cpp's name}
    public String label() {
        return label;
    }

    /// {@return the order of llama.cpp 0.7.0, which is ours: all, as they are declared}
    public static List<Stage> defaults() {
        return List.of(values());
    }

    /// {@return the stages of a chain}
    ///
    /// @param chain names with `;` between them; hyphens count as underscores, `temp`, `typical` and `typical_p` are understood. Empty
    /// for a draw from the model's probabilities
    /// @throws IllegalArgumentException if a name is unknown or there twice; the message names those that are known
    public static List<Stage> parse(String chain) {
        List<Stage> stages = new ArrayList<>();
        if (chain.isBlank()) {
            return stages;
        }
        for (String name : chain.split(";", -1)) {
            Stage stage = named(name.strip());
            if (stages.contains(stage)) {
                throw new IllegalArgumentException("samplers: '%s' is there twice".formatted(name));
            }
            stages.add(stage);
        }
        return stages;
    }

    private static Stage named(String name) {
        String label =
                switch (name.toLowerCase(Locale.ROOT).replace('-', '_')) {
                    case "temp" -> TEMPERATURE.label;
                    case "typical", "typical_p" -> TYPICAL.label;
                    case String other -> other;
                };
        return Stream.of(values())
                .filter(stage -> stage.label.equals(label))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "samplers: wanted names of %s with ';' between them, got '%s'"
                                        .formatted(known(), name)));
    }

    private static String known() {
        return Stream.of(values()).map(Stage::label).collect(Collectors.joining(", "));
    }
}
