package dev.jinrai.huggingface;

/// Where a tensor of a GGUF file comes from.
///
/// `{layer}` stands for the number of a layer, in both names. `{expert}` stands for that of an expert: the tensors of all experts are
/// the slices of one.
///
/// @param from the name in the directory: `model.layers.{layer}.mlp.up_proj.weight`
/// @param to the name in a GGUF file: `blk.{layer}.ffn_up.weight`
record Rule(String from, String to, Rows rows) {
    /// The order of a matrix's rows.
    enum Rows {
        AS_THEY_ARE,
        /// Heads of queries, halves of which turn together.
        QUERIES,
        /// Heads of keys, the same.
        KEYS
    }

    static final String LAYER = "{layer}";
    static final String EXPERT = "{expert}";

    Rule(String from, String to) {
        this(from, to, Rows.AS_THEY_ARE);
    }

    boolean inLayers() {
        return from.contains(LAYER);
    }

    boolean ofExperts() {
        return from.contains(EXPERT);
    }

    String from(int layer, int expert) {
        return from.replace(LAYER, Integer.toString(layer))
                .replace(EXPERT, Integer.toString(expert));
    }

    String to(int layer) {
        return to.replace(LAYER, Integer.toString(layer));
    }
}
