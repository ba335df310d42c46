package dev.jinrai.gguf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A second reading of well-formed GGUF files, straight from the specification, unchecked and
/// sharing nothing with [GgufReader]: what the reader is compared with, and where the mutations
/// find the fields that steer it.
final class HandParser {
    /// Name to `List.of(shape, type id, offset in the file)`.
    final Map<String, List<Object>> tensors = new LinkedHashMap<>();

    /// Values as `Long`, `Double`, `Boolean`, `String` or `List`.
    final Map<String, Object> values = new LinkedHashMap<>();

    /// Places of lengths, counts, types, dimensions and offsets.
    final List<Integer> fields = new ArrayList<>();

    final int dataOffset;
    private final ByteBuffer in;

    HandParser(byte[] file) {
        in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        in.position(8);
        fields.addAll(List.of(0, 4));
        long tensorCount = steeringLong();
        long keyCount = steeringLong();
        for (long i = 0; i < keyCount; i++) {
            String key = string();
            values.put(key, value(steeringInt()));
        }
        List<String> names = new ArrayList<>();
        List<List<Long>> shapes = new ArrayList<>();
        List<Integer> types = new ArrayList<>();
        List<Long> offsets = new ArrayList<>();
        for (long i = 0; i < tensorCount; i++) {
            names.add(string());
            int dimensions = steeringInt();
            List<Long> shape = new ArrayList<>();
            for (int d = 0; d < dimensions; d++) {
                shape.add(steeringLong());
            }
            shapes.add(shape);
            types.add(steeringInt());
            offsets.add(steeringLong());
        }
        int alignment = ((Number) values.getOrDefault("general.alignment", 32L)).intValue();
        dataOffset = Math.ceilDiv(in.position(), alignment) * alignment;
        for (int i = 0; i < names.size(); i++) {
            tensors.put(
                    names.get(i),
                    List.of(shapes.get(i), types.get(i), dataOffset + offsets.get(i)));
        }
    }

    private Object value(int type) {
        return switch (type) {
            case 0 -> (long) Byte.toUnsignedInt(in.get());
            case 1 -> (long) in.get();
            case 2 -> (long) Short.toUnsignedInt(in.getShort());
            case 3 -> (long) in.getShort();
            case 4 -> Integer.toUnsignedLong(in.getInt());
            case 5 -> (long) in.getInt();
            case 6 -> (double) in.getFloat();
            case 7 -> in.get() == 1;
            case 8 -> string();
            case 9 -> {
                int elementType = steeringInt();
                long count = steeringLong();
                List<Object> elements = new ArrayList<>();
                for (long i = 0; i < count; i++) {
                    elements.add(value(elementType));
                }
                yield elements;
            }
            case 10, 11 -> in.getLong();
            case 12 -> in.getDouble();
            default -> throw new IllegalArgumentException("type " + type);
        };
    }

    private String string() {
        byte[] utf8 = new byte[(int) steeringLong()];
        in.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private int steeringInt() {
        fields.add(in.position());
        return in.getInt();
    }

    private long steeringLong() {
        fields.add(in.position());
        return in.getLong();
    }
}
