package dev.jinrai.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.MetadataValue.Array;
import dev.jinrai.gguf.MetadataValue.Text;
import dev.jinrai.gguf.MetadataValue.Whole;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufWriterTest {
    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void everyTypeOfValueComesBack(int version) throws IOException {
        Path file = folder.resolve("every.gguf");
        EveryType.writer(version).write(file);
        var expected = EveryType.values();
        try (Gguf gguf = Gguf.open(file)) {
            assertThat(gguf.version()).isEqualTo(version);
            assertThat(gguf.metadata().keys()).containsExactlyElementsOf(expected.keySet());
            expected.forEach(
                    (key, value) -> assertThat(gguf.metadata().find(key)).as(key).contains(value));
            assertThat(floats(gguf, "floats")).containsExactly(1, -2, 3, 4, 5, 0.5f);
            assertThat(gguf.tensor("floats").orElseThrow().shape()).containsExactly(3L, 2L);
            assertThat(gguf.data(gguf.tensor("scalar").orElseThrow()).get(ValueLayout.JAVA_BYTE, 0))
                    .isEqualTo((byte) 7);
        }
        var read = new HandParser(Files.readAllBytes(file));
        assertThat(read.values.keySet()).containsExactlyElementsOf(expected.keySet());
        assertThat(read.tensors.keySet()).containsExactly("floats", "scalar", "blocks");
    }

    @Test
    void writesTheBytesOfTheSpecification() throws IOException {
        Path file = folder.resolve("bytes.gguf");
        new GgufWriter()
                .version(2)
                .string("general.architecture", "llama")
                .uint32("n", 7)
                .int32("i", -7)
                .float32("f", 0.5f)
                .bool("b", true)
                .strings("s", List.of("▁a", ""))
                .ints("is", 1, -1)
                .floats("fs", 2)
                .tensor("t", List.of(2L, 1L), new float[] {1, 2})
                .tensor("u", GgmlType.I8, List.of(1L), new byte[] {9})
                .write(file);
        byte[] expected =
                new Bytes()
                        .ascii("GGUF")
                        .u32(2)
                        .u64(2)
                        .u64(8)
                        .key("general.architecture", 8)
                        .string("llama")
                        .key("n", 4)
                        .u32(7)
                        .key("i", 5)
                        .u32(-7)
                        .key("f", 6)
                        .u32(0x3F00_0000)
                        .key("b", 7)
                        .u8(1)
                        .key("s", 9)
                        .u32(8)
                        .u64(2)
                        .string("▁a")
                        .string("")
                        .key("is", 9)
                        .u32(5)
                        .u64(2)
                        .u32(1)
                        .u32(-1)
                        .key("fs", 9)
                        .u32(6)
                        .u64(1)
                        .u32(0x4000_0000)
                        .tensor("t", 0, 0, 2, 1)
                        .tensor("u", 24, 32, 1)
                        .pad(32)
                        .u32(0x3F80_0000)
                        .u32(0x4000_0000)
                        .pad(32)
                        .u8(9)
                        .pad(32)
                        .toArray();
        assertThat(Files.readAllBytes(file)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 64, 4096, 1 << 20})
    void alignsTensors(int alignment) {
        Path file = folder.resolve("aligned.gguf");
        new GgufWriter()
                .tensor("a", List.of(3L), new float[] {1, 2, 3})
                .tensor("b", List.of(1L), new float[] {4})
                .uint32("general.alignment", alignment)
                .write(file);
        try (Gguf gguf = Gguf.open(file)) {
            assertThat(gguf.alignment()).isEqualTo(alignment);
            assertThat(gguf.dataOffset() % alignment).isZero();
            assertThat(gguf.tensors()).allMatch(tensor -> tensor.offset() % alignment == 0);
            assertThat(floats(gguf, "a")).containsExactly(1, 2, 3);
            assertThat(floats(gguf, "b")).containsExactly(4);
        }
    }

    @Test
    void copiesAFileWithOneKeyChanged() {
        Path source = folder.resolve("source.gguf");
        Path copy = folder.resolve("copy.gguf");
        EveryType.writer(3).uint32("general.alignment", 64).string("name", "old").write(source);
        try (Gguf gguf = Gguf.open(source)) {
            var writer = new GgufWriter().putAll(gguf.metadata()).string("name", "new");
            for (TensorInfo tensor : gguf.tensors()) {
                writer.tensor(tensor.name(), tensor.type(), tensor.shape(), gguf.data(tensor));
            }
            writer.write(copy);
            try (Gguf copied = Gguf.open(copy)) {
                assertThat(copied.tensors()).isEqualTo(gguf.tensors());
                assertThat(copied.metadata().keys())
                        .containsExactlyElementsOf(gguf.metadata().keys());
                assertThat(copied.metadata().string("name")).isEqualTo("new");
                assertThat(copied.alignment()).isEqualTo(64);
            }
        }
    }

    @Test
    void replacesAFileThatIsOpen() {
        Path file = folder.resolve("model.gguf");
        new GgufWriter().tensor("t", List.of(1L), new float[] {1}).write(file);
        try (Gguf old = Gguf.open(file)) {
            new GgufWriter().tensor("t", List.of(1L), new float[] {2}).write(file);
            try (Gguf replaced = Gguf.open(file)) {
                assertThat(floats(old, "t")).containsExactly(1);
                assertThat(floats(replaced, "t")).containsExactly(2);
            }
        }
    }

    @Test
    void makesTensorsOneAtATimeAndInPieces() {
        Path file = folder.resolve("large.gguf");
        long length = (5 << 20) + 13; // several chunks and a rest
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(length);
            for (long i = 0; i < length; i++) {
                data.set(ValueLayout.JAVA_BYTE, i, (byte) ((i * 31) >> 3));
            }
            new GgufWriter()
                    .tensor("a", GgmlType.I8, List.of(length), () -> data)
                    .tensor("b", List.of(1L), new float[] {4})
                    .write(file);
            try (Gguf gguf = Gguf.open(file)) {
                assertThat(gguf.data(gguf.tensor("a").orElseThrow()).mismatch(data)).isEqualTo(-1);
                assertThat(floats(gguf, "b")).containsExactly(4);
            }
        }
    }

    @Test
    void leavesNothingBehindWhenADataSourceFails() throws IOException {
        Path file = folder.resolve("model.gguf");
        var writer =
                new GgufWriter()
                        .tensor("a", List.of(1L), new float[] {1})
                        .tensor(
                                "b",
                                GgmlType.F32,
                                List.of(1L),
                                () -> {
                                    throw new ArithmeticException("no such weight");
                                });
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> writer.write(file));
        assertThat(files()).isEmpty();
    }

    /// An interrupt closes the channel under the writer: a true I/O failure in the middle.
    @Test
    void leavesTheOldFileWhenWritingFails() throws IOException {
        Path file = folder.resolve("model.gguf");
        Files.writeString(file, "old");
        var writer =
                new GgufWriter()
                        .tensor(
                                "a",
                                GgmlType.F32,
                                List.of(1L),
                                () -> {
                                    Thread.currentThread().interrupt();
                                    return MemorySegment.ofArray(new byte[4]);
                                });
        try {
            assertThatExceptionOfType(GgufException.class)
                    .isThrownBy(() -> writer.write(file))
                    .withMessageStartingWith(file + ": cannot be written: ");
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(files()).containsExactly(file);
        assertThat(file).hasContent("old");
    }

    @Test
    void saysThatTheTargetCannotBeWritten() throws IOException {
        var writer = new GgufWriter().string("k", "v");
        Path orphan = folder.resolve("absent").resolve("model.gguf");
        assertThatExceptionOfType(GgufException.class)
                .isThrownBy(() -> writer.write(orphan))
                .withMessage(orphan + ": cannot be written: no directory " + orphan.getParent());
        Path full = folder.resolve("full");
        Files.createDirectories(full.resolve("inner"));
        assertThatExceptionOfType(GgufException.class)
                .isThrownBy(() -> writer.write(full))
                .withMessage(full + ": cannot be written: Is a directory");
        assertThat(files()).containsExactly(full);
    }

    @Test
    void refusesDataOfTheWrongLength() throws IOException {
        Path file = folder.resolve("model.gguf");
        var writer = new GgufWriter().tensor("t", GgmlType.Q4_0, List.of(64L, 2L), new byte[71]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> writer.write(file))
                .withMessage("tensor 't': [64, 2] Q4_0 needs 72 bytes, got 71");
        assertThat(files()).isEmpty();
    }

    @Test
    void refusesWhatCannotBeRead() throws IOException {
        var writer = new GgufWriter().tensor("t", List.of(1L), new float[1]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> writer.tensor("t", List.of(1L), new float[1]))
                .withMessage("two tensors 't'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> writer.tensor("u", GgmlType.Q4_0, List.of(33L), new byte[18]))
                .withMessage("rows of 33 elements, Q4_0 needs a multiple of 32");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> writer.string("", "v"))
                .withMessage("empty name");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> writer.put("general.alignment", new Whole(ValueType.UINT32, 12)))
                .withMessageContaining("power of two from 8, got uint32 12");
        assertThatIllegalArgumentException().isThrownBy(() -> writer.version(1));

        Path file = folder.resolve("model.gguf");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GgufWriter().string("k", "\uD83D").write(file))
                .withMessage("half a surrogate pair in '\\u{D83D}'");
        MetadataValue deep = new Text("core");
        for (int i = 0; i < 5; i++) {
            deep = new Array(deep.type(), List.of(deep));
        }
        var nested = new GgufWriter().put("k", deep);
        assertThatExceptionOfType(GgufException.class)
                .isThrownBy(() -> nested.write(file))
                .withMessage(file + ": at byte 0x55, key 'k': arrays nest deeper than 4");
        assertThat(files()).isEmpty();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static float[] floats(Gguf gguf, String tensor) {
        return gguf.data(gguf.tensor(tensor).orElseThrow())
                .toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }
}
