package dev.jinrai.huggingface;

import java.util.List;
import java.util.OptionalInt;

/// Mistral 7B and others of its shape: [Llama] with a window over the last positions, which many of them do without.
///
/// Source: `configuration_mistral.py` and `modeling_mistral.py` in `transformers` 5.18.
class Mistral extends Llama {
    @Override
    public List<String> classes() {
        return List.of("MistralForCausalLM");
    }

    @Override
    public void configure(Config config, GgufKeys keys) {
        config.count("num_key_value_heads"); // the class's default is another than Llama's
        super.configure(config, keys);
    }

    /// A file that is silent has the class's default, a file that says null has none.
    @Override
    public OptionalInt window(Config config) {
        if (config.has("sliding_window")) {
            return OptionalInt.of(config.count("sliding_window"));
        }
        return config.states("sliding_window") ? OptionalInt.empty() : OptionalInt.of(4096);
    }
}
