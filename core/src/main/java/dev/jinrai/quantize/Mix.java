package dev.jinrai.quantize;

import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.Metadata;
import dev.jinrai.gguf.MetadataValue;
import dev.jinrai.gguf.TensorInfo;
import java.util.List;

/// # A mix: which type each tensor of a file gets
///
/// A file called Q4_K_M is mostly Q4_K. Norms, biases and routers stay as they are; the output head
/// is Q6_K; and about half of the layers get Q6_K for the two matrices that suffer most from coarse
/// weights, the value projection and the down projection. This class states those choices; a type is
/// a function of the mix, the tensor's name and shape, and the [Model], and of nothing else.
///
/// Source: `tensor_allows_quantization` and `llama_tensor_get_type` in llama.cpp's llama-quant.cpp
/// (0.7.0), without overrides. Its exceptions for RWKV and the encoders of images and sound are left
/// out, and so are the mixes of one to three bits that are named after IQ types, and the ternary ones.
public enum Mix {
    F32(0, GgmlType.F32),
    F16(1, GgmlType.F16),
    BF16(32, GgmlType.BF16),
    Q8_0(7, GgmlType.Q8_0),
    Q6_K(18, GgmlType.Q6_K),
    Q5_K_M(17, GgmlType.Q5_K),
    Q5_K_S(16, GgmlType.Q5_K),
    Q5_1(9, GgmlType.Q5_1),
    Q5_0(8, GgmlType.Q5_0),
    Q4_K_M(15, GgmlType.Q4_K),
    Q4_K_S(14, GgmlType.Q4_K),
    IQ4_NL(25, GgmlType.IQ4_NL),
    IQ4_XS(30, GgmlType.IQ4_XS),
    Q4_1(3, GgmlType.Q4_1),
    Q4_0(2, GgmlType.Q4_0),
    MXFP4_MOE(38, GgmlType.MXFP4),
    Q3_K_L(13, GgmlType.Q3_K),
    Q3_K_M(12, GgmlType.Q3_K),
    Q3_K_S(11, GgmlType.Q3_K),
    Q2_K(10, GgmlType.Q2_K),
    Q2_K_S(21, GgmlType.Q2_K);

    // Parts of names of matrices that are small and steer the rest: they stay as they are.
    private static final List<String> STAY =
            List.of(
                    "_norm.weight",
                    "ffn_gate_inp.weight", // the router of a mixture of experts
                    "ffn_gate_tid2eid.weight",
                    "position_embd.weight",
                    "token_types.weight",
                    "attn_rel_b.weight",
                    "indexer.k_proj.weight",
                    "indexer.q_proj.weight",
                    "altup",
                    "laurel",
                    "per_layer_model_proj",
                    "ssm_conv1d",
                    "shortconv.conv.weight");

    private final int fileType;
    private final GgmlType base;

    Mix(int fileType, GgmlType base) {
        this.fileType = fileType;
        this.base = base;
    }

    /// What the choice depends on besides the tensor.
    ///
    /// @param layers `block_count`
    /// @param experts 0 for a model without
    /// @param tied whether the token embedding serves as the output head
    /// @param importance whether there is an importance matrix
    /// @param order which value and down projections there are
    public record Model(
            String architecture,
            int layers,
            int heads,
            int kvHeads,
            int experts,
            boolean tied,
            boolean importance,
            LayerOrder order) {

        /// A model whose every layer has one value and one down projection, without importance matrix.
        public Model(
                String architecture,
                int layers,
                int heads,
                int kvHeads,
                int experts,
                boolean tied) {
            this(
                    architecture,
                    layers,
                    heads,
                    kvHeads,
                    experts,
                    tied,
                    false,
                    LayerOrder.ofEveryLayer(layers));
        }

        /// {@return what `gguf` says about itself}
        public static Model of(Gguf gguf) {
            var metadata = gguf.metadata();
            String architecture = metadata.architecture();
            int layers = metadata.int32(architecture + ".block_count");
            int heads = first(metadata, architecture + ".attention.head_count", 0);
            int experts = metadata.int32(architecture + ".expert_count", 0);
            return new Model(
                    architecture,
                    layers,
                    heads,
                    first(metadata, architecture + ".attention.head_count_kv", heads),
                    experts,
                    gguf.tensor("output.weight").isEmpty(),
                    false,
                    LayerOrder.of(gguf.tensors(), layers, experts > 1));
        }

        /// {@return the same with an importance matrix}
        public Model withImportance() {
            return new Model(architecture, layers, heads, kvHeads, experts, tied, true, order);
        }

        /// {@return the same, counted in this order}
        Model with(LayerOrder other) {
            return new Model(
                    architecture, layers, heads, kvHeads, experts, tied, importance, other);
        }

        /// A number, or the first of an array of one a layer.
        private static int first(Metadata metadata, String key, int absent) {
            boolean array =
                    metadata.find(key).filter(v -> v instanceof MetadataValue.Array).isPresent();
            if (!array) {
                return metadata.int32(key, absent);
            }
            int[] each = metadata.ints(key);
            if (each.length == 0) {
                throw new QuantizationException(key + ": wanted a number a layer, got none");
            }
            return each[0];
        }

        /// How many heads share a key and a value.
        private int group() {
            return kvHeads == 0 ? 0 : heads / kvHeads;
        }

        private boolean isFalcon() {
            return architecture.equals("falcon");
        }

        /// The models of 70 billion parameters: eight heads share a value projection, which is
        /// therefore small enough for a finer type.
        private boolean has70B() {
            return switch (architecture) {
                case "llama" -> layers == 80 && heads != kvHeads;
                case "qwen2", "deci" -> layers == 80;
                case "jais2" -> layers == 68;
                default -> false;
            };
        }
    }

    /// The number of this mix in `general.file_type` (`enum llama_ftype` in llama.h).
    public int fileType() {
        return fileType;
    }

    /// The type that gives a mix its name.
    GgmlType base() {
        return base;
    }

    /// {@return the type a tensor gets, which is its own if it stays as it is}
    public GgmlType typeOf(TensorInfo tensor, Model model) {
        if (stays(tensor)) {
            return tensor.type();
        }
        return base.blockLength() == 1 ? base : fitting(choose(tensor, model), tensor);
    }

    /// {@return whether a tensor that gets `type` would be noise without an importance matrix}
    public boolean needsImportance(TensorInfo tensor, GgmlType type) {
        return this == Q2_K_S && type == GgmlType.Q2_K && !isOutput(tensor) && !isEmbedding(tensor);
    }

    /// {@return whether a tensor keeps its type in every mix}
    static boolean stays(TensorInfo tensor) {
        boolean matrix = tensor.extent(1) > 1 || tensor.extent(2) > 1 || tensor.extent(3) > 1;
        String name = tensor.name();
        return !matrix || !name.endsWith("weight") || STAY.stream().anyMatch(name::contains);
    }

    /// {@return whether rows of a tensor are looked up, one a token}
    static boolean isEmbedding(TensorInfo tensor) {
        return tensor.name().equals("token_embd.weight")
                || tensor.name().equals("per_layer_token_embd.weight");
    }

    private static boolean isOutput(TensorInfo tensor) {
        return tensor.name().equals("output.weight");
    }

    private GgmlType choose(TensorInfo tensor, Model model) {
        String name = tensor.name();
        if (isOutput(tensor) || (isEmbedding(tensor) && model.tied())) {
            return head(tensor, model);
        }
        if (this == MXFP4_MOE) {
            return expert(tensor, model) ? GgmlType.MXFP4 : GgmlType.Q8_0;
        }
        if (isEmbedding(tensor)) {
            return base;
        }
        if (LayerOrder.isValue(name)) {
            return value(model.order().value(name), model);
        }
        if (name.contains("attn_k.weight")) {
            return model.experts() == 8 ? GgmlType.Q8_0 : base;
        }
        if (name.contains("attn_q.weight")) {
            return base;
        }
        if (name.contains("attn_output.weight")) {
            return attention(model);
        }
        if (LayerOrder.isDown(name)) {
            return down(model.order().down(name), model);
        }
        return base;
    }

    private GgmlType head(TensorInfo tensor, Model model) {
        boolean fits = tensor.extent(0) % base.blockLength() == 0;
        return fits && this != Q8_0 && this != MXFP4_MOE && !model.isFalcon()
                ? GgmlType.Q6_K
                : GgmlType.Q8_0;
    }

    /// Three dimensions are a matrix for each expert, but for bailingmoe3, which has others.
    private static boolean expert(TensorInfo tensor, Model model) {
        return tensor.extent(2) > 1
                && (!model.architecture().equals("bailingmoe3")
                        || tensor.name().contains("ffn_up")
                        || tensor.name().contains("ffn_gate")
                        || tensor.name().contains("ffn_down"));
    }

    private GgmlType value(int index, Model model) {
        if (model.experts() == 8) {
            return GgmlType.Q8_0; // little beside eight experts
        }
        boolean shared = model.group() >= 4;
        GgmlType type =
                switch (this) {
                    case Q2_K -> shared ? GgmlType.Q4_K : GgmlType.Q3_K;
                    case Q2_K_S -> shared ? GgmlType.Q4_K : base;
                    case Q3_K_M -> index < 2 ? GgmlType.Q5_K : GgmlType.Q4_K;
                    case Q3_K_L -> GgmlType.Q5_K;
                    case IQ4_NL, IQ4_XS -> shared ? GgmlType.Q5_K : base;
                    case Q5_K_M, Q4_K_M ->
                            sensitive(index, model.order().values()) ? GgmlType.Q6_K : base;
                    case Q4_K_S -> index < 4 ? GgmlType.Q5_K : base;
                    default -> base;
                };
        boolean coarse = type == GgmlType.Q3_K || type == GgmlType.Q4_K;
        return coarse && model.has70B() ? GgmlType.Q5_K : type;
    }

    private GgmlType attention(Model model) {
        if (model.isFalcon()) {
            return this == Q3_K_L ? GgmlType.Q4_K : base;
        }
        if (model.experts() == 8) {
            return switch (this) {
                case Q2_K, Q3_K_S, Q3_K_M, IQ4_NL, IQ4_XS, Q4_K_S, Q4_K_M -> GgmlType.Q5_K;
                default -> base;
            };
        }
        return switch (this) {
            case Q2_K -> GgmlType.Q3_K;
            case Q3_K_M -> GgmlType.Q4_K;
            case Q3_K_L -> GgmlType.Q5_K;
            default -> base;
        };
    }

    private GgmlType down(int layer, Model model) {
        boolean early = layer < model.layers() / 8;
        boolean veryEarly = layer < model.layers() / 16;
        boolean sensitive = sensitive(layer, model.layers());
        return switch (this) {
            case Q2_K -> GgmlType.Q3_K;
            case Q2_K_S -> early ? GgmlType.Q4_K : base;
            case Q3_K_M ->
                    veryEarly
                            ? GgmlType.Q5_K
                            : model.isFalcon() && !sensitive ? base : GgmlType.Q4_K;
            case Q3_K_L -> model.isFalcon() ? GgmlType.Q4_K : GgmlType.Q5_K;
            case Q4_K_M -> {
                if (model.isFalcon()) {
                    yield veryEarly ? GgmlType.Q6_K : sensitive ? GgmlType.Q5_K : base;
                }
                yield sensitive ? GgmlType.Q6_K : base;
            }
            case Q5_K_M -> sensitive ? GgmlType.Q6_K : base;
            case IQ4_NL, IQ4_XS -> early && !model.importance() ? GgmlType.Q5_K : base;
            case Q4_K_S -> early && !model.isFalcon() ? GgmlType.Q5_K : base;
            case Q4_0 -> early && model.importance() ? GgmlType.Q4_1 : base;
            case Q5_0 -> early && model.importance() ? GgmlType.Q5_1 : base;
            default -> base;
        };
    }

    /// The first and the last eighth of the layers, and every third between.
    private static boolean sensitive(int layer, int layers) {
        int eighth = layers / 8;
        return layer < eighth || layer >= 7 * layers / 8 || (layer - eighth) % 3 == 2;
    }

    /// {@return `type`, or what takes its place where rows are not a whole number of its blocks}
    static GgmlType fitting(GgmlType type, TensorInfo tensor) {
        long columns = tensor.extent(0);
        if (columns % type.blockLength() == 0) {
            return type;
        }
        GgmlType smaller =
                switch (type) {
                    case Q2_K, Q3_K -> GgmlType.Q4_0;
                    case IQ4_XS -> GgmlType.IQ4_NL;
                    case Q4_K -> GgmlType.Q5_0;
                    case Q5_K -> GgmlType.Q5_1;
                    case Q6_K -> GgmlType.Q8_0;
                    default -> GgmlType.F16;
                };
        return columns % smaller.blockLength() == 0 ? smaller : GgmlType.F16;
    }
}
