package dev.jinrai.huggingface;

import dev.jinrai.json.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// `generation_config.json`: where generation ends, and how the model's makers choose tokens.
///
/// The second becomes the keys `general.sampling.*`, which llama.cpp's conversion writes too: defaults for whoever does not say otherwise.
/// As there, they hold whether or not `do_sample` does.
///
/// @param ends ids at which generation stops, as `config.json` has them where this file does not
/// @param topK 0 and less for all tokens
record GenerationSettings(
        List<Integer> ends,
        Optional<Double> temperature,
        Optional<Integer> topK,
        Optional<Double> topP,
        Optional<Double> minP) {

    static GenerationSettings in(Path directory) {
        return Side.checked(() -> {
            JsonNode root = Side.read(directory, "generation_config.json");
            List<Integer> ends =
                    root.find("eos_token_id")
                            .or(() -> Side.read(directory, Config.NAME).find("eos_token_id"))
                            .map(Side::ids)
                            .orElse(List.of());
            return new GenerationSettings(
                    ends,
                    number(root, "temperature", 1e6),
                    root.find("top_k").map(node -> node.whole(-1, Integer.MAX_VALUE)),
                    number(root, "top_p", 1),
                    number(root, "min_p", 1));
        });
    }

    private static Optional<Double> number(JsonNode root, String key, double most) {
        return root.find(key)
                .map(node -> {
                    double value = node.real();
                    if (!(value >= 0 && value <= most)) {
                        throw node.wrong(
                                "wanted a number from 0 to %s, got %s".formatted(most, value));
                    }
                    return value;
                });
    }

    void write(GgufKeys keys) {
        topK.ifPresent(k -> keys.whole("general.sampling.top_k", k));
        topP.ifPresent(p -> keys.real("general.sampling.top_p", p));
        minP.ifPresent(p -> keys.real("general.sampling.min_p", p));
        temperature.ifPresent(t -> keys.real("general.sampling.temp", t));
    }
}
