package dev.jinrai.huggingface;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// Mixtral: [Mistral] with experts (Jiang et al. 2024, arXiv:2401.04088).
///
/// Source: `configuration_mixtral.py` and `modeling_mixtral.py` in `transformers` 4.57, in whose names the weights are published.
final class Mixtral extends Mistral {
    private static final List<Rule> EXPERTS =
            List.of(
                    layer("block_sparse_moe.gate", "ffn_gate_inp", Rule.Rows.AS_THEY_ARE),
                    experts("w1", "ffn_gate_exps"),
                    experts("w3", "ffn_up_exps"),
                    experts("w2", "ffn_down_exps"));

    private static Rule experts(String from, String to) {
        return layer("block_sparse_moe.experts.{expert}." + from, to, Rule.Rows.AS_THEY_ARE);
    }

    @Override
    public List<String> classes() {
        return List.of("MixtralForCausalLM");
    }

    @Override
    double ropeBase() {
        return 1e6;
    }

    @Override
    public OptionalInt window(Config config) {
        return config.has("sliding_window")
                ? OptionalInt.of(config.count("sliding_window"))
                : OptionalInt.empty();
    }

    @Override
    public void configure(Config config, GgufKeys keys) {
        super.configure(config, keys);
        keys.count("expert_count", config.count("num_local_experts"))
                .count("expert_used_count", config.count("num_experts_per_tok"));
        config.real("router_jitter_noise", 0); // of training
    }

    @Override
    public List<Rule> tensors() {
        return Stream.concat(ATTENTION.stream(), EXPERTS.stream()).toList();
    }
}
