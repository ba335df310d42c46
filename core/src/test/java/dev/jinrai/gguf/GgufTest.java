package dev.jinrai.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.jinrai.format.GgmlType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class GgufTest {
    @TempDir Path folder;

    private Path small() {
        return Bytes.header(2, 2)
                .key("general.architecture", 8)
                .string("llama")
                .key("tokenizer.ggml.tokens", 9)
                .u32(8)
                .u64(2)
                .string("<s>")
                .string("▁a")
                .tensor("b", 24, 0, 3)
                .tensor("a", 0, 32, 2, 1)
                .pad(32)
                .raw((byte) 1, (byte) 2, (byte) 3)
                .pad(32)
                .u32(Float.floatToRawIntBits(0.5f))
                .u32(Float.floatToRawIntBits(-2f))
                .write(folder.resolve("small.gguf"));
    }

    @Test
    void handsOutTensorsInFileOrderAndByName() {
        try (Gguf gguf = Gguf.open(small())) {
            assertThat(gguf.file()).isEqualTo(folder.resolve("small.gguf"));
            assertThat(gguf.alignment()).isEqualTo(32);
            assertThat(gguf.dataOffset()).isEqualTo(224);
            assertThat(gguf.tensors())
                    .containsExactly(
                            new TensorInfo("b", GgmlType.I8, List.of(3L), 224),
                            new TensorInfo("a", GgmlType.F32, List.of(2L, 1L), 256));
            assertThat(gguf.tensor("a")).contains(gguf.tensors().get(1));
            assertThat(gguf.tensor("c")).isEmpty();
        }
    }

    @Test
    void handsOutTheBytesOfATensorReadOnly() {
        try (Gguf gguf = Gguf.open(small())) {
            MemorySegment data = gguf.data(gguf.tensor("a").orElseThrow());
            assertThat(data.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED)).containsExactly(0.5f, -2f);
            assertThat(data.isReadOnly()).isTrue();
            assertThat(data.isMapped()).isTrue();
        }
    }

    @Test
    void hasNoDataForTheTensorOfAnotherFile() {
        try (Gguf gguf = Gguf.open(small())) {
            var moved = new TensorInfo("a", GgmlType.F32, List.of(2L, 1L), 255);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> gguf.data(moved))
                    .withMessageContaining("has no tensor 'a'");
        }
    }

    @Test
    void throwsAfterCloseInsteadOfCrashing() {
        Gguf gguf = Gguf.open(small());
        TensorInfo tensor = gguf.tensors().getFirst();
        MemorySegment data = gguf.data(tensor);
        List<String> tokens = gguf.metadata().strings("tokenizer.ggml.tokens");
        gguf.close();
        gguf.close();

        assertThatIllegalStateException().isThrownBy(() -> gguf.data(tensor));
        assertThatIllegalStateException().isThrownBy(() -> data.get(ValueLayout.JAVA_BYTE, 0));
        assertThatIllegalStateException().isThrownBy(() -> tokens.get(0));
        assertThat(gguf.metadata().architecture()).isEqualTo("llama");
    }

    @Test
    void letsTheFileGoWhenItIsRefused() throws IOException {
        Path file = small();
        try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.setLength(raw.length() - 1);
        }
        for (int i = 0; i < 3; i++) {
            assertThatExceptionOfType(GgufException.class).isThrownBy(() -> Gguf.open(file));
        }
        Files.delete(file); // Windows refuses while a mapping is left
    }

    @Test
    void acceptsScalarsAndEmptyTensors() {
        Path file =
                Bytes.header(3, 0)
                        .tensor("scalar", 0, 0)
                        .tensor("empty", 0, 32, 0, 1L << 62, 1L << 62)
                        .tensor("last", 2, 32, 32, 0)
                        .pad(32)
                        .u32(Float.floatToRawIntBits(7f))
                        .pad(32)
                        .write(folder.resolve("edge.gguf"));
        try (Gguf gguf = Gguf.open(file)) {
            TensorInfo scalar = gguf.tensor("scalar").orElseThrow();
            assertThat(scalar.elements()).isEqualTo(1);
            assertThat(scalar.columns()).isEqualTo(1);
            assertThat(scalar.rows()).isEqualTo(1);
            assertThat(gguf.data(scalar).get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0)).isEqualTo(7f);
            TensorInfo empty = gguf.tensor("empty").orElseThrow();
            assertThat(empty.byteSize()).isZero();
            assertThat(gguf.data(empty).byteSize()).isZero();
            assertThat(gguf.tensor("last").orElseThrow().byteSize()).isZero();
        }
    }

    @Test
    void columnsAreTheFirstExtentAndRowsTheSecond() {
        var experts = new TensorInfo("e", GgmlType.Q4_0, List.of(64L, 5L, 3L), 0);
        assertThat(experts.columns()).isEqualTo(64);
        assertThat(experts.rows()).isEqualTo(5);
        assertThat(experts.extent(2)).isEqualTo(3);
        assertThat(experts.extent(3)).isEqualTo(1);
        assertThat(experts.elements()).isEqualTo(64 * 5 * 3);
        assertThat(experts.byteSize()).isEqualTo(64 / 32 * 18 * 5 * 3);
    }

    @Test
    void acceptsTensorsInAnyOrderWithGapsBetween() {
        Path file =
                Bytes.header(2, 0)
                        .tensor("second", 24, 128, 5)
                        .tensor("first", 24, 0, 40)
                        .pad(32)
                        .zeros(128 + 5)
                        .write(folder.resolve("order.gguf"));
        try (Gguf gguf = Gguf.open(file)) {
            assertThat(gguf.tensors())
                    .extracting(TensorInfo::name)
                    .containsExactly("second", "first");
        }
    }

    @Test
    void acceptsAFileOfKeysThatEndsWithoutPadding() {
        Path file =
                Bytes.header(0, 1).key("k", 8).string("v").write(folder.resolve("vocabulary.gguf"));
        try (Gguf gguf = Gguf.open(file)) {
            assertThat(gguf.tensors()).isEmpty();
            assertThat(gguf.metadata().string("k")).isEqualTo("v");
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "files are not sparse there")
    void reachesTensorsBeyondFourGiB() throws IOException {
        long first = 3L << 30;
        long second = (5L << 30) / 34 / 64 * 64 * 34; // bytes of whole Q8_0 rows
        Bytes header =
                Bytes.header(3, 0)
                        .tensor("i8", 24, 0, first)
                        .tensor("q8", 8, first, 64 * 32, second / 34 / 64)
                        .tensor("f32", 0, Math.ceilDiv(first + second, 32) * 32, 2)
                        .pad(32);
        Path file = header.write(folder.resolve("sparse.gguf"));
        long f32 = header.size() + Math.ceilDiv(first + second, 32) * 32;
        try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.seek(header.size() + first);
            raw.write(0x11);
            raw.seek(header.size() + first + second - 1);
            raw.write(0x22);
            raw.seek(f32);
            raw.writeInt(Integer.reverseBytes(Float.floatToRawIntBits(1.5f)));
            raw.setLength(f32 + 8);
        }
        assertThat(Files.size(file)).isGreaterThan(5L << 30);
        try (Gguf gguf = Gguf.open(file)) {
            MemorySegment q8 = gguf.data(gguf.tensor("q8").orElseThrow());
            assertThat(q8.byteSize()).isEqualTo(second);
            assertThat(q8.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 0x11);
            assertThat(q8.get(ValueLayout.JAVA_BYTE, second - 1)).isEqualTo((byte) 0x22);
            MemorySegment floats = gguf.data(gguf.tensor("f32").orElseThrow());
            assertThat(floats.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED)).containsExactly(1.5f, 0f);
            TensorInfo i8 = gguf.tensor("i8").orElseThrow();
            assertThat(i8.elements()).isEqualTo(first);
            assertThatExceptionOfType(ArithmeticException.class)
                    .isThrownBy(i8::columns)
                    .withMessage(
                            "tensor 'i8': extent 3221225472 of [3221225472] does not fit 32 bits");
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void saysWhatIsWrongWithThePath() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty.gguf"));
        assertRefuses(folder.resolve("absent.gguf"), ": no such file");
        assertRefuses(folder, ": is a directory, wanted a GGUF file");
        assertRefuses(empty, ": is empty, wanted a GGUF file");
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no device files")
    void doesNotWaitForADevice() {
        assertRefuses(Path.of("/dev/zero"), ": is not a regular file");
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has other permissions")
    void saysThatPermissionIsDenied() throws IOException {
        Path file = small();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
        assumeFalse(Files.isReadable(file), "root may read everything");
        assertRefuses(file, ": permission denied");
    }

    @Test
    void keepsAPathOnOneLine() {
        Path odd = folder.resolve("a\nb\u001B[31m");
        assertThatExceptionOfType(GgufException.class)
                .isThrownBy(() -> Gguf.open(odd))
                .withMessage("%s: no such file", folder.resolve("a\\u{A}b\\u{1B}[31m"));
    }

    private static void assertRefuses(Path file, String problem) {
        assertThatExceptionOfType(GgufException.class)
                .isThrownBy(() -> Gguf.open(file))
                .withMessageStartingWith(file + problem)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }
}
