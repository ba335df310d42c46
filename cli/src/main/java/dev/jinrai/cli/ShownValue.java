package dev.jinrai.cli;

import dev.jinrai.gguf.GgufException;
import dev.jinrai.gguf.MetadataValue;
import dev.jinrai.gguf.MetadataValue.Array;
import dev.jinrai.gguf.MetadataValue.Bool;
import dev.jinrai.gguf.MetadataValue.Real;
import dev.jinrai.gguf.MetadataValue.Text;
import dev.jinrai.gguf.MetadataValue.Whole;
import dev.jinrai.gguf.ValueType;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// Metadata as `inspect` shows it: of long arrays the beginning, and their length.
final class ShownValue {
    private static final int ELEMENTS_ON_PAGE = 6;
    private static final int ELEMENTS_IN_JSON = 64;
    private static final int CHARACTERS = 72;

    private ShownValue() {}

    /// {@return a value on one line}
    static String text(MetadataValue value) {
        return switch (value) {
            case Whole w -> w.fitsLong() ? "" + w.value() : Long.toUnsignedString(w.value());
            case Real r -> number(r).toString();
            case Bool b -> "" + b.value();
            case Text t -> "'" + Printable.line(t.value(), CHARACTERS) + "'";
            case Array a -> list(a);
        };
    }

    private static String list(Array array) {
        int size = array.elements().size();
        String what = "%d %s%s: ".formatted(size, array.elementType(), size == 1 ? "" : "s");
        var list = new StringJoiner(", ", what, "");
        for (int i = 0; i < Math.min(ELEMENTS_ON_PAGE, size); i++) {
            MetadataValue element = element(array, i);
            list.add(element == null ? "(not UTF-8)" : text(element));
        }
        return size > ELEMENTS_ON_PAGE ? list + ", …" : list.toString();
    }

    /// {@return `{"type", "value"}`, for arrays `{"type", "element_type", "length", "value"}`}
    static Object json(MetadataValue value) {
        return value instanceof Array array
                ? Json.object(
                        "type", array.type().toString(),
                        "element_type", array.elementType().toString(),
                        "length", array.elements().size(),
                        "value", plain(array))
                : Json.object("type", value.type().toString(), "value", plain(value));
    }

    private static Object plain(MetadataValue value) {
        return switch (value) {
            case Whole w ->
                    w.fitsLong() ? w.value() : new BigInteger(Long.toUnsignedString(w.value()));
            case Real r -> number(r);
            case Bool b -> b.value();
            case Text t -> t.value();
            case Array a -> {
                var elements = new ArrayList<@Nullable Object>();
                for (int i = 0; i < Math.min(ELEMENTS_IN_JSON, a.elements().size()); i++) {
                    MetadataValue element = element(a, i);
                    elements.add(element == null ? null : plain(element));
                }
                yield elements;
            }
        };
    }

    private static Number number(Real real) {
        if (real.type() == ValueType.FLOAT32) {
            return (float) real.value();
        }
        return real.value();
    }

    /// Strings of arrays are read, and so checked, one by one.
    private static @Nullable MetadataValue element(Array array, int index) {
        try {
            return array.elements().get(index);
        } catch (GgufException e) {
            return null;
        }
    }
}
