package dev.jinrai.quantize;

import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.TensorInfo;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// # A mix: which type each tensor of a file gets
///
/// A file called Q4_K_M is mostly Q4_K. Norms, biases and routers stay as they are; the output head
/// is Q6_K; and about half of the layers get Q6_K for the two matrices that suffer most from coarse
/// weights, the value projection and the down projection. This class states those choices; a type is
/// a function of the mix, the tensor's name and shape, and the [Model], and of nothing else.
///
/// Source: `tensor_allows_quantization` and `llama_tensor_get_type` in llama.cpp's llama-quant.cpp
/// (0.7.0), without importance matrix and overrides. llama.cpp counts value projections as it meets
/// them; here the layer is read from the name, which is the same where every layer has attention.
/// Its exceptions for Falcon, RWKV and the encoders of images and sound are left out.
public enum Mix {
    F16(1, GgmlType.F16),
    BF16(32, GgmlType.BF16),
    Q8_0(7, GgmlType.Q8_0),
    Q6_K(18, GgmlType.Q6_K),
    Q5_K_M(17, GgmlType.Q5_K),
    Q5_K_S(16, GgmlType.Q5_K),
    Q4_K_M(15, GgmlType.Q4_K),
    Q4_K_S(14, GgmlType.Q4_K),
    Q4_0(2, GgmlType.Q4_0);

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

    private static final Pattern LAYER = Pattern.compile("blk\\.(\\d{1,5})\\.");

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
    public record Model(
            String architecture, int layers, int heads, int kvHeads, int experts, boolean tied) {

        /// {@return what `gguf` says about itself}
        public static Model of(Gguf gguf) {
            var metadata = gguf.metadata();
            String architecture = metadata.architecture();
            int heads = metadata.int32(architecture + ".attention.head_count");
            return new Model(
                    architecture,
                    metadata.int32(architecture + ".block_count"),
                    heads,
                    metadata.int32(architecture + ".attention.head_count_kv", heads),
                    metadata.int32(architecture + ".expert_count", 0),
                    gguf.tensor("output.weight").isEmpty());
        }

        /// The models of 70 billion parameters: eight heads share a value projection, which is
        /// therefore small enough for a finer type.
        private boolean has70B() {
            return layers == 80
                    && switch (architecture) {
                        case "llama" -> heads != kvHeads;
                        case "qwen2" -> true;
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
        return switch (this) {
            case F16, BF16 -> base;
            case Q8_0, Q6_K, Q5_K_M, Q5_K_S, Q4_K_M, Q4_K_S, Q4_0 ->
                    fitting(choose(tensor, model), tensor);
        };
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

    private GgmlType choose(TensorInfo tensor, Model model) {
        String name = tensor.name();
        boolean embedding = isEmbedding(tensor);
        if (name.equals("output.weight") || (embedding && model.tied())) {
            boolean fits = tensor.extent(0) % base.blockLength() == 0;
            return fits && this != Q8_0 ? GgmlType.Q6_K : GgmlType.Q8_0;
        }
        if (embedding) {
            return base;
        }
        if (name.contains("attn_v.weight")
                || name.contains("attn_qkv.weight")
                || name.contains("attn_kv_b.weight")) {
            return value(layer(tensor, model), model);
        }
        if (name.contains("attn_k.weight")) {
            return model.experts() == 8 ? GgmlType.Q8_0 : base;
        }
        if (name.contains("attn_output.weight")) {
            return model.experts() == 8 && base == GgmlType.Q4_K ? GgmlType.Q5_K : base;
        }
        if (name.contains("ffn_down")) {
            return down(layer(tensor, model), model);
        }
        return base;
    }

    private GgmlType value(int layer, Model model) {
        if (model.experts() == 8) {
            return GgmlType.Q8_0; // little beside eight experts
        }
        GgmlType type =
                switch (this) {
                    case Q5_K_M, Q4_K_M -> sensitive(layer, model) ? GgmlType.Q6_K : base;
                    case Q4_K_S -> layer < 4 ? GgmlType.Q5_K : base;
                    case F16, BF16, Q8_0, Q6_K, Q5_K_S, Q4_0 -> base;
                };
        return type == GgmlType.Q4_K && model.has70B() ? GgmlType.Q5_K : type;
    }

    private GgmlType down(int layer, Model model) {
        return switch (this) {
            case Q5_K_M, Q4_K_M -> sensitive(layer, model) ? GgmlType.Q6_K : base;
            case Q4_K_S -> layer < model.layers() / 8 ? GgmlType.Q5_K : base;
            case F16, BF16, Q8_0, Q6_K, Q5_K_S, Q4_0 -> base;
        };
    }

    /// The first and the last eighth of the layers, and every third between.
    private static boolean sensitive(int layer, Model model) {
        int eighth = model.layers() / 8;
        return layer < eighth || layer >= 7 * model.layers() / 8 || (layer - eighth) % 3 == 2;
    }

    /// `type`, or what takes its place where rows are not a whole number of its blocks.
    static GgmlType fitting(GgmlType type, TensorInfo tensor) {
        long columns = tensor.extent(0);
        if (columns % type.blockLength() == 0) {
            return type;
        }
        GgmlType smaller =
                switch (type) {
                    case Q4_K -> GgmlType.Q5_0;
                    case Q5_K -> GgmlType.Q5_1;
                    case Q6_K -> GgmlType.Q8_0;
                    default -> GgmlType.F16;
                };
        return columns % smaller.blockLength() == 0 ? smaller : GgmlType.F16;
    }

    private static int layer(TensorInfo tensor, Model model) {
        Matcher name = LAYER.matcher(tensor.name());
        int layer = name.lookingAt() ? Integer.parseInt(name.group(1)) : Integer.MAX_VALUE;
        if (layer >= model.layers()) {
            throw new QuantizationException(
                    "%s: wanted a name blk.N.…, N from 0 to %d"
                            .formatted(tensor.name(), model.layers() - 1));
        }
        return layer;
    }
}
