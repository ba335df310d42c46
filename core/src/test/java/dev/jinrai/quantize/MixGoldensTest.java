package dev.jinrai.quantize;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.TensorInfo;
import dev.jinrai.testing.Goldens;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// `goldens/quantize/mixes.txt`: the type of every tensor of ten models' shapes (grouped heads and not, tied,
/// with four and eight experts, of 80 layers, Falcon, layers without attention, two down projections a
/// layer, rows of 96 and 72) in every mix, as llama-quantize chooses it, with and without an importance
/// matrix.
class MixGoldensTest {
    private static final int ROWS = 4;

    private record Shape(Mix.Model model, Map<String, List<TensorInfo>> kinds) {}

    @Test
    void everyTensorGetsTheTypeLlamaQuantizeChooses() throws IOException {
        Map<String, Shape> shapes = new HashMap<>();
        Map<String, String> choices = new HashMap<>();
        List<String> lines = Files.readAllLines(Goldens.file("quantize/mixes.txt"));
        for (int i = 0; i < lines.size(); i++) {
            String[] words = lines.get(i).split(" ", -1);
            if (words[0].equals("model")) {
                int first = i + 1;
                int end = first;
                while (lines.get(end).startsWith("  ")) {
                    end++;
                }
                shapes.put(words[1], shape(words, lines.subList(first, end)));
            } else if (words[0].length() > 1) {
                choices.put(words[0] + " " + words[1] + " " + words[2], lines.get(i));
            }
        }
        int checked = 0;
        for (var named : shapes.entrySet()) {
            for (Mix mix : Mix.values()) {
                String key = named.getKey() + " " + mix + " ";
                String plain =
                        choices.keySet().stream()
                                .filter(k -> k.startsWith(key) && !k.endsWith(" imatrix"))
                                .findFirst()
                                .map(choices::get)
                                .orElseThrow();
                Shape shape = named.getValue();
                checked += check(shape.kinds(), mix, shape.model(), plain);
                String important = choices.getOrDefault(key + "imatrix", plain);
                checked += check(shape.kinds(), mix, shape.model().withImportance(), important);
            }
        }
        assertThat(shapes).hasSize(10);
        assertThat(checked).isGreaterThan(70_000);
    }

    private static int check(
            Map<String, List<TensorInfo>> kinds, Mix mix, Mix.Model model, String line) {
        int checked = 0;
        for (String word : line.split(" ", -1)) {
            int equals = word.indexOf('=');
            if (equals < 0) {
                continue;
            }
            List<TensorInfo> tensors =
                    requireNonNull(kinds.get(word.substring(0, equals) + ".weight"), word);
            List<GgmlType> types = tensors.stream().map(t -> mix.typeOf(t, model)).toList();
            assertThat(types).as("%s: %s", line, word).isEqualTo(types(word.substring(equals + 1)));
            checked += types.size();
        }
        return checked;
    }

    private static List<GgmlType> types(String runs) {
        List<GgmlType> types = new ArrayList<>();
        for (String run : runs.split(",", -1)) {
            int times = run.indexOf('·');
            int count = times < 0 ? 1 : Integer.parseInt(run.substring(0, times));
            for (int i = 0; i < count; i++) {
                types.add(GgmlType.valueOf(run.substring(times + 1)));
            }
        }
        return types;
    }

    private static Shape shape(String[] words, List<String> tensors) {
        int layers = Integer.parseInt(words[3]);
        int experts = Integer.parseInt(words[6]);
        long columns = Long.parseLong(words[7]);
        Map<String, List<TensorInfo>> kinds = new HashMap<>();
        for (String line : tensors) {
            String[] kind = line.strip().split(" ", -1);
            List<Long> shape = new ArrayList<>(List.of(columns, (long) ROWS, (long) experts));
            while (shape.size() > Integer.parseInt(kind[1])) {
                shape.removeLast();
            }
            if (kind.length == 2) {
                kinds.put(kind[0], List.of(tensor(kind[0], shape)));
                continue;
            }
            IntStream numbers =
                    kind[2].equals("all")
                            ? IntStream.range(0, layers)
                            : Arrays.stream(kind[2].split(",", -1)).mapToInt(Integer::parseInt);
            kinds.put(
                    kind[0],
                    numbers.mapToObj(l -> tensor("blk.%d.%s".formatted(l, kind[0]), shape))
                            .toList());
        }
        List<TensorInfo> all = kinds.values().stream().flatMap(List::stream).toList();
        var model =
                new Mix.Model(
                        words[2],
                        layers,
                        Integer.parseInt(words[4]),
                        Integer.parseInt(words[5]),
                        experts,
                        !kinds.containsKey("output.weight"),
                        false,
                        LayerOrder.of(all, layers, experts > 1));
        return new Shape(model, kinds);
    }

    private static TensorInfo tensor(String name, List<Long> shape) {
        return new TensorInfo(name, GgmlType.F32, shape, 0);
    }
}
