package dev.jinrai.arch;

import dev.jinrai.backend.Activation;
import dev.jinrai.backend.Rope.Pairing;
import dev.jinrai.model.Checkpoint;
import dev.jinrai.model.ModelConfig;
import dev.jinrai.model.ModelConfig.Attention;
import dev.jinrai.model.ModelConfig.FeedForward;
import dev.jinrai.model.ModelConfig.Layer;
import dev.jinrai.model.ModelConfig.Norm;
import dev.jinrai.model.ModelConfig.Positions;
import java.util.Collections;
import java.util.Set;

/// # Llama 1 to 3, Mistral, Mixtral, TinyLlama, and the many models of their shape
///
/// RMSNorm before each half of a block, rotary positions (on interleaved pairs in a GGUF file, whose rows are
/// permuted for it), grouped-query attention, SwiGLU. With `expert_count` in the metadata the feed-forward half is Mixtral's: the
/// best experts of a softmax router, their probabilities normalized.
///
/// Source: Touvron et al. 2023 (arXiv:2302.13971), Jiang et al. 2024 (arXiv:2401.04088).
final class Llama implements Architecture {
    private static final String ROPE_FACTORS = "rope_freqs.weight";

    @Override
    public String name() {
        return "llama";
    }

    @Override
    public Set<String> consumed() {
        return Set.of(ROPE_FACTORS);
    }

    @Override
    public ModelConfig configure(Checkpoint checkpoint) {
        var p = new Parameters(checkpoint);
        int vocabulary = p.vocabularySize();
        int blocks = p.blocks();
        int width = p.rowLength("embedding_length");
        int heads = p.count("attention.head_count");
        int kvHeads = p.count("attention.head_count_kv", heads);
        int keyLength = p.headLength("attention.key_length", width, heads);
        int valueLength = p.headLength("attention.value_length", width, heads);
        var shape = p.heads(heads, kvHeads, keyLength, valueLength);
        var norm = new Norm.Rms(p.positive("attention.layer_norm_rms_epsilon"));
        var pairing = checkpoint.pairing(Pairing.INTERLEAVED);
        var rope = RopeScaling.rope(p, pairing, keyLength, p.tensor(ROPE_FACTORS));
        var attention = new Attention(shape, new Positions.Rotary(rope));
        return new ModelConfig(
                name(),
                vocabulary,
                p.count("context_length"),
                width,
                norm,
                Collections.nCopies(blocks, new Layer(norm, attention, feedForward(p, width))));
    }

    private static FeedForward feedForward(Parameters p, int width) {
        int length = p.rowLength("feed_forward_length");
        int experts = p.rowLengthOrNone("expert_count");
        if (experts == 0) {
            return new FeedForward.Gated(length, Activation.SILU);
        }
        int used = p.upTo(experts, "expert_used_count");
        p.product("expert_used_count", used, "feed_forward_length", length);
        p.product("expert_used_count", used, "embedding_length", width);
        return new FeedForward.Experts(experts, used, length, Activation.SILU, true);
    }
}
