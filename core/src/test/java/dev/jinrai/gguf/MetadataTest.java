package dev.jinrai.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.jinrai.gguf.MetadataValue.Array;
import dev.jinrai.gguf.MetadataValue.Bool;
import dev.jinrai.gguf.MetadataValue.Real;
import dev.jinrai.gguf.MetadataValue.Text;
import dev.jinrai.gguf.MetadataValue.Whole;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MetadataTest {
    private final Map<String, MetadataValue> values = new LinkedHashMap<>();

    private Metadata metadata() {
        return new Metadata("model.gguf", values);
    }

    @ParameterizedTest
    @EnumSource(
            value = ValueType.class,
            names = {"UINT8", "INT8", "UINT16", "INT16", "UINT32", "INT32", "UINT64", "INT64"})
    void readsAnIntegerOfAnyTypeThatFits(ValueType type) {
        values.put("n", new Whole(type, 100));
        values.put("ns", new Array(type, List.of(new Whole(type, 1), new Whole(type, 2))));
        assertThat(metadata().int32("n")).isEqualTo(100);
        assertThat(metadata().int64("n")).isEqualTo(100);
        assertThat(metadata().ints("ns")).containsExactly(1, 2);
    }

    @Test
    void refusesAnIntegerThatDoesNotFit() {
        values.put("big", new Whole(ValueType.UINT32, 0x8000_0000L));
        values.put("huge", new Whole(ValueType.UINT64, -1));
        values.put(
                "bigs",
                new Array(ValueType.UINT32, List.of(new Whole(ValueType.UINT32, 1L << 31))));
        Metadata metadata = metadata();
        assertThat(metadata.int64("big")).isEqualTo(1L << 31);
        assertFails(
                () -> metadata.int32("big"),
                "model.gguf: key 'big': wanted an integer that fits 32 bits, got uint32"
                        + " 2147483648");
        assertFails(
                () -> metadata.int64("huge"),
                "model.gguf: key 'huge': wanted an integer that fits 64 bits, got uint64"
                        + " 18446744073709551615");
        assertFails(
                () -> metadata.ints("bigs"),
                "model.gguf: key 'bigs': wanted an integer that fits 32 bits, got uint32"
                        + " 2147483648");
    }

    @Test
    void namesTheMissingKey() {
        Metadata metadata = metadata();
        List<ThrowingCallable> reads =
                List.of(
                        () -> metadata.string("k"),
                        () -> metadata.int32("k"),
                        () -> metadata.int64("k"),
                        () -> metadata.float32("k"),
                        () -> metadata.bool("k"),
                        () -> metadata.strings("k"),
                        () -> metadata.ints("k"),
                        () -> metadata.floats("k"),
                        () -> metadata.bools("k"));
        for (ThrowingCallable read : reads) {
            assertFails(read, "model.gguf: key 'k' is missing");
        }
        assertFails(metadata::architecture, "model.gguf: key 'general.architecture' is missing");
    }

    @Test
    void saysWhatIsThereInsteadOfTheWantedType() {
        values.put("text", new Text("line\nbreak"));
        values.put("one", new Array(ValueType.BOOL, List.of(new Bool(true))));
        values.put("none", new Array(ValueType.STRING, List.of()));
        values.put("half", new Real(ValueType.FLOAT32, 0.1f));
        Metadata metadata = metadata();
        assertFails(
                () -> metadata.int32("text", 5),
                "model.gguf: key 'text': wanted an integer that fits 32 bits, got string"
                        + " 'line\\u{A}break'");
        assertFails(
                () -> metadata.string("one", ""),
                "model.gguf: key 'one': wanted a string, got array of 1 bool");
        assertFails(
                () -> metadata.ints("none"),
                "model.gguf: key 'none': wanted an array of integers, got array of 0 strings");
        assertFails(
                () -> metadata.bool("half", true),
                "model.gguf: key 'half': wanted a bool, got float32 0.1");
        assertFails(
                () -> metadata.floats("one"),
                "model.gguf: key 'one': wanted an array of floats, got array of 1 bool");
        assertFails(
                () -> metadata.bools("none"),
                "model.gguf: key 'none': wanted an array of bools, got array of 0 strings");
        assertFails(
                () -> metadata.strings("one"),
                "model.gguf: key 'one': wanted an array of strings, got array of 1 bool");
        assertFails(
                () -> metadata.int64("half", 1),
                "model.gguf: key 'half': wanted an integer that fits 64 bits, got float32 0.1");
        assertFails(
                () -> metadata.float32("text", 1),
                "model.gguf: key 'text': wanted a float, got string 'line\\u{A}break'");
    }

    @Test
    void readsTheDefaultOnlyForAMissingKey() {
        values.put("string", new Text("s"));
        values.put("int", new Whole(ValueType.UINT8, 1));
        values.put("float", new Real(ValueType.FLOAT64, 0.5));
        values.put("bool", new Bool(false));
        Metadata metadata = metadata();
        assertThat(metadata.string("string", "t")).isEqualTo("s");
        assertThat(metadata.int32("int", 2)).isEqualTo(1);
        assertThat(metadata.int64("int", 2)).isEqualTo(1);
        assertThat(metadata.float32("float", 2)).isEqualTo(0.5f);
        assertThat(metadata.bool("bool", true)).isFalse();
        assertThat(metadata.string("k", "t")).isEqualTo("t");
        assertThat(metadata.int32("k", 2)).isEqualTo(2);
        assertThat(metadata.int64("k", 2)).isEqualTo(2);
        assertThat(metadata.float32("k", 2)).isEqualTo(2f);
        assertThat(metadata.bool("k", true)).isTrue();
    }

    @Test
    void readsArrays() {
        values.put("f", new Array(ValueType.FLOAT64, List.of(new Real(ValueType.FLOAT64, 0.1))));
        values.put("b", new Array(ValueType.BOOL, List.of(new Bool(true), new Bool(false))));
        values.put("s", new Array(ValueType.STRING, List.of(new Text("a"), new Text("é"))));
        assertThat(metadata().floats("f")).containsExactly(0.1f);
        assertThat(metadata().bools("b")).containsExactly(true, false);
        assertThat(metadata().strings("s")).containsExactly("a", "é");
    }

    @Test
    void keepsFileOrder() {
        List.of("z", "a", "m").forEach(key -> values.put(key, new Bool(true)));
        assertThat(metadata().keys()).containsExactly("z", "a", "m");
        assertThat(metadata().contains("m")).isTrue();
        assertThat(metadata().find("a")).contains(new Bool(true));
        assertThat(metadata().find("b")).isEmpty();
    }

    @Test
    void valuesHoldOnlyWhatTheirTypeCan() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Whole(ValueType.UINT8, 256));
        assertThatIllegalArgumentException().isThrownBy(() -> new Whole(ValueType.INT8, -129));
        assertThatIllegalArgumentException().isThrownBy(() -> new Whole(ValueType.UINT16, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Whole(ValueType.INT16, 1 << 15));
        assertThatIllegalArgumentException().isThrownBy(() -> new Whole(ValueType.UINT32, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Whole(ValueType.INT32, 1L << 31));
        assertThatIllegalArgumentException().isThrownBy(() -> new Whole(ValueType.FLOAT32, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Real(ValueType.FLOAT32, 0.1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Real(ValueType.INT8, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Array(ValueType.STRING, List.of(new Bool(true))))
                .withMessage("bool true in an array of strings");
        var view = new ArrayView.Numbers(ByteBuffer.allocate(4), ValueType.UINT8, 0, 4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Array(ValueType.STRING, view))
                .withMessage("4 uint8s of a file in an array of strings");
        assertThatIllegalStateException()
                .isThrownBy(() -> new Array(ValueType.BOOL, List.of()).strings())
                .withMessage("not strings: array of 0 bools");
    }

    private static void assertFails(ThrowingCallable read, String message) {
        assertThatExceptionOfType(GgufException.class).isThrownBy(read).withMessage(message);
    }
}
