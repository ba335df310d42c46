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

    /// {@return whether [#tensor] and [#ids] are to be called: not for who looks at inputs of matrices only}
    default boolean wantsTensors() {
        return true;
    }

    /// {@return whether [#input] is to be called for the matrix of this name, which is a GGUF file's}
    default boolean wantsInput(String weight) {
        return false;
    }

    /// Sees what a matrix is multiplied with, before it is.
    ///
    /// @param x `rows` rows of the matrix's columns
    default void input(String weight, int rows, float[] x) {}

    /// Sees what a stack of experts' matrices is multiplied with, before it is.
    ///
    /// @param x `rows` rows of the matrices' columns
    /// @param matrices in the stack
    /// @param ids which matrices: as many for each row, one row after another
    default void input(String weight, int rows, float[] x, int matrices, int[] ids) {}

    /// {@return `name-layer`, as llama.cpp writes it}
    static String label(String name, int layer) {
        return layer == NO_LAYER ? name : name + "-" + layer;
    }
}
