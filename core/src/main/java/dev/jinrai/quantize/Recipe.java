package dev.jinrai.quantize;

import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.TensorInfo;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// A [Mix], and what somebody wants otherwise.
///
/// In this order: a tensor that every mix leaves alone stays; `embedding` and `output` have their types; the first override whose
/// pattern is found in the name counts; `pure` takes the mix's main type for all else; and the mix decides the rest.
///
/// Source: `llama_tensor_get_type` and the options of llama-quantize (llama.cpp 0.7.0).
///
/// @param pure whether every matrix gets the type that gives the mix its name
/// @param keepOutput whether `output.weight` stays as it is
/// @param embedding the type of the token embedding
/// @param output the type of the output head, also where that is the token embedding
/// @param overrides the types of others
public record Recipe(
        Mix mix,
        boolean pure,
        boolean keepOutput,
        Optional<GgmlType> embedding,
        Optional<GgmlType> output,
        List<TypeOverride> overrides) {
    private static final String OUTPUT = "output.weight";

    /// The type of all tensors in whose name `pattern` is found.
    public record TypeOverride(Pattern pattern, GgmlType type) {
        boolean matches(TensorInfo tensor) {
            return pattern.matcher(tensor.name()).find();
        }
    }

    public Recipe {
        overrides = List.copyOf(overrides);
    }

    /// {@return what the mix says and nothing else}
    public static Recipe of(Mix mix) {
        return new Recipe(mix, false, false, Optional.empty(), Optional.empty(), List.of());
    }

    /// {@return whether overrides and `pure` mean something: a mix of 16 or 32 bits makes every matrix the same}
    public boolean chooses() {
        return mix.base().blockLength() > 1;
    }

    /// {@return the type a tensor gets, which is its own if it stays as it is}
    ///
    /// @param model as [#counting] has it
    GgmlType typeOf(TensorInfo tensor, Mix.Model model) {
        return wanted(tensor, model).orElseGet(() -> mix.typeOf(tensor, model));
    }

    /// {@return the model, with value and down projections counted where the mix decides their type: llama.cpp counts them so}
    Mix.Model counting(Mix.Model model, List<TensorInfo> tensors) {
        List<TensorInfo> decided =
                tensors.stream().filter(tensor -> wanted(tensor, model).isEmpty()).toList();
        LayerOrder all = model.order();
        LayerOrder some = LayerOrder.of(decided, model.layers(), model.experts() > 1);
        return model.with(
                new LayerOrder(all.layers(), all.values(), some.valueIndex(), some.downIndex()));
    }

    /// {@return the type of a tensor that is not for the mix to decide}
    private Optional<GgmlType> wanted(TensorInfo tensor, Mix.Model model) {
        if (Mix.stays(tensor) || (keepOutput && tensor.name().equals(OUTPUT))) {
            return Optional.of(tensor.type());
        }
        boolean embeds = Mix.isEmbedding(tensor);
        if (embedding.isPresent() && embeds) {
            return embedding;
        }
        if (output.isPresent() && tensor.name().equals(OUTPUT)) {
            return output;
        }
        if (!chooses()) {
            return Optional.of(mix.base());
        }
        Optional<GgmlType> type =
                overrides.stream()
                        .filter(override -> override.matches(tensor))
                        .findFirst()
                        .map(TypeOverride::type);
        if (type.isEmpty() && pure) {
            type = Optional.of(mix.base());
        }
        if (type.isEmpty() && embeds && model.tied()) {
            type = output;
        }
        return type.map(t -> Mix.fitting(t, tensor));
    }
}
