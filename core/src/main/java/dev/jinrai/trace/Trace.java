package dev.jinrai.trace;

/// Sees the named intermediates of a pass, in the order in which they are computed.
///
/// Names are llama.cpp's: `inp_embd`, then per layer `attn_norm`, `Qcur` and `Kcur` (after RoPE),
/// `Vcur`, `kqv_out`, `attn_out`, `ffn_inp`, `ffn_norm`, `ffn_gate`, `ffn_up`, `ffn_swiglu`, `ffn_out`
/// (or `ffn_moe_…`), `l_out`; at the end `result_norm`, `result_output`.
public interface Trace {
    /// The layer of what belongs to none.
    int NO_LAYER = -1;

    /// Sees nothing, at no cost.
    Trace NONE =
            new Trace() {
                @Override
                public boolean enabled() {
                    return false;
                }

                @Override
                public void tensor(String name, int layer, int rows, float[] values) {}
            };

    /// {@return whether anything is to be seen; asked before values are fetched from a device}
    default boolean enabled() {
        return true;
    }

    /// Sees one intermediate.
    ///
    /// @param layer from 0, or [#NO_LAYER]
    /// @param values `rows` rows, one a token (or one a token that wants logits); the receiver's to
    /// keep
    void tensor(String name, int layer, int rows, float[] values);

    /// Sees the experts chosen for each of `rows` tokens.
    default void ids(String name, int layer, int rows, int[] values) {}

    /// {@return `name-layer`, as llama.cpp writes it}
    static String label(String name, int layer) {
        return layer == NO_LAYER ? name : name + "-" + layer;
    }
}
