package dev.jinrai.gguf;

import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.MetadataValue.Array;
import dev.jinrai.gguf.MetadataValue.Bool;
import dev.jinrai.gguf.MetadataValue.Real;
import dev.jinrai.gguf.MetadataValue.Text;
import dev.jinrai.gguf.MetadataValue.Whole;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A value of every type at both ends of its range, each alone and in an array, and nested arrays.
final class EveryType {
    private EveryType() {}

    static Map<String, MetadataValue> values() {
        Map<ValueType, List<MetadataValue>> samples = new LinkedHashMap<>();
        whole(samples, ValueType.UINT8, 0, 255);
        whole(samples, ValueType.INT8, -128, 127);
        whole(samples, ValueType.UINT16, 0, 65_535);
        whole(samples, ValueType.INT16, -32_768, 32_767);
        whole(samples, ValueType.UINT32, 0, 4_294_967_295L);
        whole(samples, ValueType.INT32, Integer.MIN_VALUE, Integer.MAX_VALUE);
        whole(samples, ValueType.UINT64, 0, -1);
        whole(samples, ValueType.INT64, Long.MIN_VALUE, Long.MAX_VALUE);
        real(
                samples,
                ValueType.FLOAT32,
                Float.MIN_VALUE,
                -0.0,
                Float.NEGATIVE_INFINITY,
                Double.NaN);
        real(samples, ValueType.FLOAT64, Double.MIN_VALUE, 0.1, Double.MAX_VALUE, Double.NaN);
        samples.put(ValueType.BOOL, List.of(new Bool(true), new Bool(false)));
        samples.put(
                ValueType.STRING,
                List.of(
                        new Text(""),
                        new Text("plain"),
                        new Text("é▁😀\u0000\uFFFD\n"),
                        new Text("x".repeat(300))));
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        List<MetadataValue> arrays = new ArrayList<>();
        samples.forEach((type, list) -> {
            for (int i = 0; i < list.size(); i++) {
                values.put("%s.%d".formatted(type, i), list.get(i));
            }
            values.put(type + ".array", new Array(type, list));
            values.put(type + ".empty", new Array(type, List.of()));
            arrays.add(new Array(type, list));
        });
        arrays.add(new Array(ValueType.ARRAY, List.of(new Array(ValueType.ARRAY, List.of()))));
        values.put("array.array", new Array(ValueType.ARRAY, arrays));
        return values;
    }

    static GgufWriter writer(int version) {
        var writer = new GgufWriter().version(version);
        values().forEach(writer::put);
        return writer.tensor("floats", List.of(3L, 2L), new float[] {1, -2, 3, 4, 5, 0.5f})
                .tensor("scalar", GgmlType.I8, List.of(), new byte[] {7})
                .tensor("blocks", GgmlType.Q8_0, List.of(64L, 1L, 2L), new byte[136]);
    }

    private static void whole(
            Map<ValueType, List<MetadataValue>> samples, ValueType type, long... values) {
        List<MetadataValue> list = new ArrayList<>();
        for (long value : values) {
            list.add(new Whole(type, value));
        }
        samples.put(type, list);
    }

    private static void real(
            Map<ValueType, List<MetadataValue>> samples, ValueType type, double... values) {
        List<MetadataValue> list = new ArrayList<>();
        for (double value : values) {
            list.add(new Real(type, value));
        }
        samples.put(type, list);
    }
}
