package dev.jinrai.huggingface;

import java.util.List;
import java.util.stream.Stream;

/// Llama 1 to 3, TinyLlama and others of their shape. What differs in [Mistral] and [Mixtral] stands there.
///
/// Source: `configuration_llama.py` and `modeling_llama.py` in `transformers` 5.18; `conversion/llama.py` in llama.cpp 0.7.0.
class Llama implements Family {
    /// Of every layer but its feed-forward half.
    static final List<Rule> ATTENTION =
            List.of(
                    new Rule("model.embed_tokens.weight", "token_embd.weight"),
                    new Rule("model.norm.weight", "output_norm.weight"),
                    new Rule("lm_head.weight", "output.weight"),
                    layer("input_layernorm", "attn_norm", Rule.Rows.AS_THEY_ARE),
                    layer("self_attn.q_proj", "attn_q", Rule.Rows.QUERIES),
                    layer("self_attn.k_proj", "attn_k", Rule.Rows.KEYS),
                    layer("self_attn.v_proj", "attn_v", Rule.Rows.AS_THEY_ARE),
                    layer("self_attn.o_proj", "attn_output", Rule.Rows.AS_THEY_ARE),
                    layer("post_attention_layernorm", "ffn_norm", Rule.Rows.AS_THEY_ARE));

    private static final List<Rule> FEED_FORWARD =
            List.of(
                    layer("mlp.gate_proj", "ffn_gate", Rule.Rows.AS_THEY_ARE),
                    layer("mlp.up_proj", "ffn_up", Rule.Rows.AS_THEY_ARE),
                    layer("mlp.down_proj", "ffn_down", Rule.Rows.AS_THEY_ARE));

    static Rule layer(String from, String to, Rule.Rows rows) {
        return new Rule(
                "model.layers.{layer}." + from + ".weight", "blk.{layer}." + to + ".weight", rows);
    }

    @Override
    public List<String> classes() {
        return List.of("LlamaForCausalLM", "LLaMAForCausalLM");
    }

    @Override
    public String architecture() {
        return "llama";
    }

    @Override
    public void configure(Config config, GgufKeys keys) {
        int heads = config.count("num_attention_heads");
        int headLength = headLength(config);
        config.only("hidden_act", "silu");
        config.only("attention_bias", false);
        config.only("mlp_bias", false);
        keys.count("block_count", config.count("num_hidden_layers"))
                .count("context_length", config.count("max_position_embeddings"))
                .count("embedding_length", config.count("hidden_size"))
                .count("feed_forward_length", config.count("intermediate_size"))
                .count("attention.head_count", heads)
                .count("attention.head_count_kv", config.count("num_key_value_heads", heads))
                .real("attention.layer_norm_rms_epsilon", config.real("rms_norm_eps"))
                .count("attention.key_length", headLength)
                .count("attention.value_length", headLength)
                .count("vocab_size", config.count("vocab_size"));
        new RopeSettings(config, headLength, ropeBase()).configure(keys);
    }

    /// {@return `rope_theta` where a file does not say it}
    double ropeBase() {
        return 10_000;
    }

    private static int headLength(Config config) {
        int width = config.count("hidden_size");
        int heads = config.count("num_attention_heads");
        if (!config.has("head_dim") && width % heads != 0) {
            throw config.wrong("num_attention_heads", "wanted a divisor of %d".formatted(width));
        }
        return config.count("head_dim", width / heads);
    }

    @Override
    public float[] ropeFactors(Config config) {
        return new RopeSettings(config, headLength(config), ropeBase()).factors();
    }

    @Override
    public List<Rule> tensors() {
        return Stream.concat(ATTENTION.stream(), FEED_FORWARD.stream()).toList();
    }

    @Override
    public boolean tied(Config config) {
        return config.flag("tie_word_embeddings", false);
    }

    @Override
    public boolean interleavedInGguf() {
        return true;
    }
}
