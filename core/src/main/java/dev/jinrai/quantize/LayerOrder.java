package dev.jinrai.quantize;

import static java.util.Comparator.comparingInt;

import dev.jinrai.gguf.TensorInfo;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which in their order the value and the down projections of a model are.
///
/// llama.cpp counts them as it meets them, by layer and then by name: where some layers have no
/// attention, or two down projections, the count is not the layer. The down projections of a model
/// with experts go by the layer in their names.
///
/// @param values how many value projections there are
public record LayerOrder(
        int layers, int values, Map<String, Integer> valueIndex, Map<String, Integer> downIndex) {
    private static final Pattern LAYER = Pattern.compile("blk\\.(\\d{1,5})\\.");
    private static final Comparator<TensorInfo> ORDER =
            comparingInt((TensorInfo tensor) -> layer(tensor.name()))
                    .thenComparing(TensorInfo::name);

    public LayerOrder {
        valueIndex = Map.copyOf(valueIndex);
        downIndex = Map.copyOf(downIndex);
    }

    /// {@return the order in which every layer has one of each}
    static LayerOrder ofEveryLayer(int layers) {
        return new LayerOrder(layers, layers, Map.of(), Map.of());
    }

    /// {@return the order of these tensors}
    static LayerOrder of(List<TensorInfo> tensors, int layers, boolean experts) {
        var values = count(tensors, tensor -> isValue(tensor.name()));
        var downs =
                count(tensors, tensor -> isDown(tensor.name()) && !Mix.stays(tensor) && !experts);
        return new LayerOrder(layers, values.size(), values, downs);
    }

    private static Map<String, Integer> count(
            List<TensorInfo> tensors, Predicate<TensorInfo> which) {
        Map<String, Integer> index = new HashMap<>();
        tensors.stream()
                .filter(which)
                .sorted(ORDER)
                .forEach(tensor -> index.put(tensor.name(), index.size()));
        return index;
    }

    /// {@return whether a name is a value projection's, or of a matrix that holds one}
    static boolean isValue(String name) {
        return name.contains("attn_v.weight")
                || name.contains("attn_qkv.weight")
                || name.contains("attn_kv_b.weight");
    }

    /// {@return whether a name is a down projection's}
    static boolean isDown(String name) {
        return name.contains("ffn_down");
    }

    /// {@return the number of the value projection `name`, from 0}
    int value(String name) {
        return index(valueIndex, name);
    }

    /// {@return the number of the down projection `name`, from 0}
    int down(String name) {
        return index(downIndex, name);
    }

    private int index(Map<String, Integer> index, String name) {
        Integer found = index.get(name);
        if (found != null) {
            return found;
        }
        int layer = layer(name);
        if (layer < 0 || layer >= layers) {
            throw new QuantizationException(
                    "%s: wanted a name blk.N.…, N from 0 to %d".formatted(name, layers - 1));
        }
        return layer;
    }

    private static int layer(String tensor) {
        Matcher name = LAYER.matcher(tensor);
        return name.lookingAt() ? Integer.parseInt(name.group(1)) : -1;
    }
}
