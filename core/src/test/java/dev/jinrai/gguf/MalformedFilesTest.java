package dev.jinrai.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One test for each thing that can be wrong with a file; what matters is the sentence that the
/// person who holds the file gets to read.
class MalformedFilesTest {
    private static final int BOOL = 7;
    private static final int STRING = 8;
    private static final int ARRAY = 9;
    private static final long HUGE = 1L << 62;

    @TempDir Path folder;

    private void assertRefuses(Bytes bytes, String problem) {
        Path file = bytes.write(folder.resolve("model.gguf"));
        assertThatExceptionOfType(GgufException.class)
                .isThrownBy(() -> Gguf.open(file))
                .withMessage(file + ": " + problem);
    }

    private static Bytes oneTensor(int type, long... shape) {
        return Bytes.header(1, 0).tensor("blk.0.ffn_up.weight", type, 0, shape);
    }

    // ---- the first 24 bytes

    @Test
    void wrongMagic() {
        assertRefuses(
                new Bytes().ascii("GGUX").zeros(40),
                "at byte 0x0, header: wanted the magic 'GGUF', got 'GGUX'");
        assertRefuses(
                new Bytes().ascii("tjgg").zeros(40),
                "at byte 0x0, header: wanted the magic 'GGUF', got 'tjgg', a file of before GGUF;"
                        + " convert the model again");
    }

    @Test
    void somethingElseThanAModelInGguf() {
        assertRefuses(
                new Bytes().ascii("PK\u0003\u0004").zeros(40),
                "at byte 0x0, header: wanted the magic 'GGUF', got 'PK\\u{3}\\u{4}', a ZIP archive,"
                        + " perhaps of PyTorch");
        assertRefuses(
                new Bytes().ascii("version https://git-lfs.github.com/spec/v1\n"),
                "at byte 0x0, header: wanted the magic 'GGUF', got 'vers', a Git LFS pointer; run"
                        + " 'git lfs pull'");
        assertRefuses(
                new Bytes().ascii("<!DOCTYPE html><html></html>"),
                "at byte 0x0, header: wanted the magic 'GGUF', got '<!DO', perhaps a web page"
                        + " instead of the download");
        assertRefuses(
                new Bytes().u64(0x1234).ascii("{\"__metadata__\":{}}"),
                "at byte 0x0, header: wanted the magic 'GGUF', got '4\\u{12}\\u{0}\\u{0}', perhaps"
                        + " safetensors");
    }

    @Test
    void versionOne() {
        assertRefuses(
                new Bytes().ascii("GGUF").u32(1).zeros(40),
                "at byte 0x4, header: version 1 is not supported (2 and 3 are); convert the model"
                        + " again");
    }

    @Test
    void versionOfTheFuture() {
        assertRefuses(
                new Bytes().ascii("GGUF").u32(4).zeros(40),
                "at byte 0x4, header: version 4 is not supported (2 and 3 are)");
        assertRefuses(
                new Bytes().ascii("GGUF").u32(-1).zeros(40),
                "at byte 0x4, header: version 4294967295 is not supported (2 and 3 are)");
        assertRefuses(
                new Bytes().ascii("GGUF").u32(0).zeros(40),
                "at byte 0x4, header: version 0 is not supported (2 and 3 are)");
    }

    @Test
    void bigEndianFile() {
        assertRefuses(
                new Bytes().ascii("GGUF").u32(0x0300_0000).zeros(40),
                "at byte 0x4, header: version 3 in big-endian byte order; only little-endian files"
                        + " are supported");
    }

    @Test
    void fileThatEndsInTheHeader() {
        assertRefuses(
                new Bytes().ascii("GG"),
                "at byte 0x0, header: the magic runs 2 bytes past the end");
        assertRefuses(
                new Bytes().ascii("GGUF"),
                "at byte 0x4, header: the version runs 4 bytes past the end");
        assertRefuses(
                new Bytes().ascii("GGUF").u32(3).u64(0).u32(0),
                "at byte 0x10, header: the number of keys runs 4 bytes past the end");
    }

    @Test
    void moreKeysThanTheFileCanHold() {
        assertRefuses(
                Bytes.header(0, 10).zeros(100),
                "at byte 0x10, header: 10 keys take at least 140 bytes, 100 are left");
        assertRefuses(
                Bytes.header(0, -1).zeros(100),
                "at byte 0x10, header: 18446744073709551615 keys, at most 65536 are supported");
    }

    @Test
    void moreTensorsThanTheFileCanHold() {
        assertRefuses(
                Bytes.header(10, 0).zeros(100),
                "at byte 0x8, header: 10 tensors take at least 240 bytes, 100 are left");
        assertRefuses(
                Bytes.header(HUGE, 0).zeros(100),
                "at byte 0x8, header: 4611686018427387904 tensors, at most 262144 are supported");
    }

    // ---- keys

    @Test
    void emptyKey() {
        assertRefuses(
                Bytes.header(0, 1).key("", BOOL).zeros(20),
                "at byte 0x18, key 1: the key is empty");
    }

    @Test
    void keyThatAppearsTwice() {
        assertRefuses(
                Bytes.header(0, 2).key("a.b", BOOL).u8(0).key("a.b", BOOL).u8(0),
                "at byte 0x28, key 'a.b': the key appears twice");
    }

    @Test
    void keyThatRunsPastTheEnd() {
        assertRefuses(
                Bytes.header(0, 1).u64(20).ascii("general.name"),
                "at byte 0x18, key 1: the key: 20 bytes, which runs 8 bytes past the end");
    }

    @Test
    void keyLongerThanTheSpecificationAllows() {
        assertRefuses(
                Bytes.header(0, 1).u64(65_536).zeros(70_000),
                "at byte 0x18, key 1: the key: 65536 bytes, at most 65535 are supported");
        assertRefuses(
                Bytes.header(0, 1).u64(-1).zeros(20),
                "at byte 0x18, key 1: the key: 18446744073709551615 bytes, at most 65535 are"
                        + " supported");
    }

    @Test
    void keyThatIsNotUtf8() {
        assertRefuses(
                Bytes.header(0, 1).u64(3).raw((byte) 'a', (byte) 0xFF, (byte) 'b').zeros(20),
                "at byte 0x18, key 1: the key is not UTF-8: 0xFF at index 1 of its 3 bytes");
    }

    @Test
    void oddKeyIsQuotedOnOneLineAndShortened() {
        assertRefuses(
                Bytes.header(0, 1).key("a\r\n\u001B[2J\u202Eb\u0000", 13).zeros(9),
                "at byte 0x2C, key 'a\\u{D}\\u{A}\\u{1B}[2J\\u{202E}b\\u{0}': value type 13 is"
                        + " unknown (0 to 12 are known)");
        assertRefuses(
                Bytes.header(0, 1).key("😀".repeat(1000), 13).zeros(9),
                ("at byte 0xFC0, key '%s…' (1000 characters): value type 13 is unknown (0 to 12 are"
                                + " known)")
                        .formatted("😀".repeat(96)));
    }

    // ---- values

    @Test
    void unknownValueType() {
        assertRefuses(
                Bytes.header(0, 1).key("k", -1).zeros(20),
                "at byte 0x21, key 'k': value type 4294967295 is unknown (0 to 12 are known)");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12})
    void valueThatRunsPastTheEnd(int type) {
        int width = ValueType.of(type).orElseThrow().bytes();
        // A first key that fits makes room for the counts' own check.
        Bytes bytes = Bytes.header(0, 2).key("pad", STRING).string("0123456789").key("k", type);
        assertRefuses(
                bytes.zeros(width - 1),
                "at byte 0x%X, key 'k': the value runs 1 byte past the end"
                        .formatted(bytes.size() - width + 1));
    }

    @Test
    void boolThatIsNeitherTrueNorFalse() {
        assertRefuses(
                Bytes.header(0, 1).key("k", BOOL).u8(2),
                "at byte 0x25, key 'k': wanted a bool, 0 or 1, got 0x02");
        assertRefuses(
                Bytes.header(0, 1).key("k", ARRAY).u32(BOOL).u64(3).u8(1).u8(0).u8(0xFF),
                "at byte 0x33, key 'k': wanted a bool, 0 or 1, got 0xFF");
    }

    @Test
    void stringThatRunsPastTheEnd() {
        assertRefuses(
                Bytes.header(0, 1).key("k", STRING).u64(100).ascii("short"),
                "at byte 0x25, key 'k': the string: 100 bytes, which runs 95 bytes past the end");
        assertRefuses(
                Bytes.header(0, 1).key("k", STRING).u64(Long.MIN_VALUE).ascii("short"),
                "at byte 0x25, key 'k': the string: 9223372036854775808 bytes, at most 67108864 are"
                        + " supported");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "FF",
                "C0 80",
                "C1 BF",
                "E0 80 80",
                "ED A0 80",
                "F4 90 80 80",
                "F8 88 80 80 80",
                "80",
                "E2 96",
                "41 C3",
                "EF BF BD FF"
            })
    void stringThatIsNotUtf8(String hex) {
        byte[] raw = HexFormat.ofDelimiter(" ").parseHex(hex);
        Path file =
                Bytes.header(0, 1)
                        .key("k", STRING)
                        .u64(raw.length)
                        .raw(raw)
                        .write(folder.resolve("model.gguf"));
        assertThatExceptionOfType(GgufException.class)
                .isThrownBy(() -> Gguf.open(file))
                .withMessageStartingWith(
                        file + ": at byte 0x25, key 'k': the string is not UTF-8: 0x");
    }

    @Test
    void aReplacementCharacterIsUtf8() {
        Path file =
                Bytes.header(0, 1)
                        .key("k", STRING)
                        .string("\uFFFD")
                        .write(folder.resolve("f.gguf"));
        try (Gguf gguf = Gguf.open(file)) {
            assertThat(gguf.metadata().string("k")).isEqualTo("\uFFFD");
        }
    }

    @Test
    void arrayOfAnUnknownType() {
        assertRefuses(
                Bytes.header(0, 1).key("k", ARRAY).u32(13).u64(0),
                "at byte 0x25, key 'k': value type 13 is unknown (0 to 12 are known)");
    }

    @Test
    void arrayThatRunsPastTheEnd() {
        assertRefuses(
                Bytes.header(0, 1).key("scores", ARRAY).u32(6).u64(100).zeros(399),
                "at byte 0x2A, key 'scores': array of 100 float32s runs 1 byte past the end");
        assertRefuses(
                Bytes.header(0, 1).key("scores", ARRAY).u32(12).u64(HUGE).zeros(399),
                "at byte 0x2A, key 'scores': array of 4611686018427387904 float64s, at most"
                        + " 16777216 are supported");
    }

    @Test
    void arrayOfStringsThatRunsPastTheEnd() {
        assertRefuses(
                Bytes.header(0, 1).key("tokens", ARRAY).u32(STRING).u64(3).zeros(23),
                "at byte 0x2A, key 'tokens': array of 3 strings runs 1 byte past the end");
        assertRefuses(
                Bytes.header(0, 1)
                        .key("tokens", ARRAY)
                        .u32(STRING)
                        .u64(2)
                        .string("abc")
                        .u64(4)
                        .u8(0),
                "at byte 0x41, key 'tokens': string [1] of 2: 4 bytes, which runs 3 bytes past the"
                        + " end");
        assertRefuses(
                Bytes.header(0, 1).key("tokens", ARRAY).u32(STRING).u64(2).u64(-1).u64(0),
                "at byte 0x36, key 'tokens': string [0] of 2: 18446744073709551615 bytes, at most"
                        + " 67108864 are supported");
        assertRefuses(
                Bytes.header(0, 1).key("tokens", ARRAY).u32(STRING).u64(2).string("abcde").u32(0),
                "at byte 0x43, key 'tokens': string [1] of 2: its length runs 4 bytes past the"
                        + " end");
    }

    @Test
    void stringInAnArrayThatIsNotUtf8FailsWhenItIsRead() {
        Path file =
                Bytes.header(0, 1)
                        .key("tokens", ARRAY)
                        .u32(STRING)
                        .u64(2)
                        .string("good")
                        .u64(2)
                        .raw((byte) 0xC3, (byte) 0x28)
                        .write(folder.resolve("model.gguf"));
        try (Gguf gguf = Gguf.open(file)) {
            var tokens = gguf.metadata().strings("tokens");
            assertThat(tokens.get(0)).isEqualTo("good");
            assertThatExceptionOfType(GgufException.class)
                    .isThrownBy(() -> tokens.get(1))
                    .withMessage(
                            file
                                    + ": at byte 0x42, key 'tokens': string [1] of 2 is not UTF-8:"
                                    + " 0xC3 at index 0 of its 2 bytes");
        }
    }

    @Test
    void arraysThatNestTooDeep() {
        Bytes bytes = Bytes.header(0, 1).key("k", ARRAY);
        for (int depth = 0; depth < 100_000; depth++) {
            bytes.u32(ARRAY).u64(1);
        }
        assertRefuses(bytes, "at byte 0x55, key 'k': arrays nest deeper than 4");
    }

    @Test
    void tooManyArraysInsideArrays() {
        assertRefuses(
                Bytes.header(0, 1).key("k", ARRAY).u32(ARRAY).u64(65_537).zeros(12 * 65_537),
                "at byte 0x25, key 'k': more than 65536 arrays inside arrays");
        assertRefuses(
                Bytes.header(0, 1).key("k", ARRAY).u32(ARRAY).u64(3).zeros(35),
                "at byte 0x25, key 'k': array of 3 arrays runs 1 byte past the end");
    }

    @Test
    void moreTextThanAModelHas() throws IOException {
        Bytes bytes = Bytes.header(0, 2).key("a", STRING).u64(40 << 20);
        Path file = bytes.write(folder.resolve("model.gguf"));
        long second = bytes.size() + (40L << 20);
        try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.seek(second);
            raw.write(new Bytes().key("b", STRING).u64(40 << 20).toArray());
            raw.setLength(second + (41 << 20));
        }
        assertThatExceptionOfType(GgufException.class)
                .isThrownBy(() -> Gguf.open(file))
                .withMessageEndingWith("key 'b': more than 67108864 bytes of names and strings");
    }

    @Test
    void moreStringsThanAModelHas() throws IOException {
        int first = 10 << 20;
        Bytes bytes = Bytes.header(0, 2).key("a", ARRAY).u32(STRING).u64(first);
        long second = bytes.size() + 8L * first; // empty strings: zeros, which a sparse file has
        Path file = bytes.write(folder.resolve("model.gguf"));
        try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.seek(second);
            raw.write(new Bytes().key("b", ARRAY).u32(STRING).u64(first).toArray());
            raw.setLength(second + 9L * first);
        }
        assertThatExceptionOfType(GgufException.class)
                .isThrownBy(() -> Gguf.open(file))
                .withMessageEndingWith("key 'b': more than 16777216 strings in the arrays");
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "files are not sparse there")
    void headerLargerThanModelsHave() throws IOException {
        Path file = folder.resolve("model.gguf");
        try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.write(Bytes.header(0, 9).toArray());
            for (int i = 0; i < 9; i++) {
                raw.write(new Bytes().key("k" + i, ARRAY).u32(12).u64(1 << 24).toArray());
                raw.seek(raw.getFilePointer() + (8L << 24));
            }
            raw.setLength(raw.getFilePointer());
        }
        assertThatExceptionOfType(GgufException.class)
                .isThrownBy(() -> Gguf.open(file))
                .withMessage(
                        file
                                + ": at byte 0x380000DC, key 'k7': array of 16777216 float64s runs"
                                + " 232 bytes past the 1073741824 that may precede the tensor"
                                + " data");
    }

    // ---- alignment

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 4, 12, 24, 33, 0xFFFF_FFFFL})
    void alignmentThatIsNoPowerOfTwoFromEight(long alignment) {
        assertRefuses(
                Bytes.header(0, 1).key("general.alignment", 4).u32(alignment),
                "at byte 0x31, key 'general.alignment': wanted a uint32 that is a power of two from"
                        + " 8, got uint32 "
                        + alignment);
    }

    @Test
    void alignmentOfAnotherType() {
        assertRefuses(
                Bytes.header(0, 1).key("general.alignment", 10).u64(32),
                "at byte 0x31, key 'general.alignment': wanted a uint32 that is a power of two from"
                        + " 8, got uint64 32");
        assertRefuses(
                Bytes.header(0, 1).key("general.alignment", STRING).string("32"),
                "at byte 0x31, key 'general.alignment': wanted a uint32 that is a power of two from"
                        + " 8, got string '32'");
    }

    @Test
    void alignmentThatPutsTheDataPastTheEnd() {
        assertRefuses(
                Bytes.header(1, 1)
                        .key("general.alignment", 4)
                        .u32(1L << 31)
                        .tensor("t", 0, 0, 1)
                        .zeros(64),
                "at byte 0x52, tensor 't': offset 0x0 lies past the 0 bytes of data; is the file"
                        + " complete?");
    }

    // ---- tensors

    @Test
    void tensorNameThatAppearsTwice() {
        assertRefuses(
                Bytes.header(2, 0).tensor("t", 24, 0, 1).tensor("t", 24, 32, 1).pad(32).zeros(64),
                "at byte 0x52, tensor 't': the name appears twice");
    }

    @Test
    void tensorNameThatIsNotUtf8() {
        assertRefuses(
                Bytes.header(1, 0).u64(1).raw((byte) 0x80).zeros(40),
                "at byte 0x18, tensor 1: the name is not UTF-8: 0x80 at index 0 of its 1 bytes");
    }

    @Test
    void tensorNameThatRunsPastTheEnd() {
        assertRefuses(
                Bytes.header(1, 0).u64(100).zeros(40),
                "at byte 0x18, tensor 1: the name: 100 bytes, which runs 60 bytes past the end");
    }

    @Test
    void tensorTableThatEndsEarly() {
        assertRefuses(
                Bytes.header(1, 0).string("t").u32(2).u64(32).zeros(4),
                "at byte 0x2D, tensor 't': an extent runs 4 bytes past the end");
        assertRefuses(
                Bytes.header(1, 0).string("t").u32(1).u64(32).zeros(3),
                "at byte 0x2D, tensor 't': the tensor type runs 1 byte past the end");
        assertRefuses(
                Bytes.header(1, 0).string("t").u32(0).u32(0).zeros(7),
                "at byte 0x29, tensor 't': the offset runs 1 byte past the end");
    }

    @Test
    void moreThanFourDimensions() {
        assertRefuses(
                oneTensor(0, 1, 1, 1, 1, 1).pad(32).zeros(4),
                "at byte 0x33, tensor 'blk.0.ffn_up.weight': 5 dimensions, at most 4 are possible");
        assertRefuses(
                Bytes.header(1, 0).string("t").u32(-1).zeros(40),
                "at byte 0x21, tensor 't': 4294967295 dimensions, at most 4 are possible");
    }

    @Test
    void negativeExtent() {
        assertRefuses(
                oneTensor(0, 1, -1).zeros(64),
                "at byte 0x33, tensor 'blk.0.ffn_up.weight': an extent of 18446744073709551615");
    }

    @Test
    void shapeThatOverflows() {
        assertRefuses(
                oneTensor(0, 1L << 32, 1L << 32).zeros(64),
                "at byte 0x33, tensor 'blk.0.ffn_up.weight': shape [4294967296, 4294967296] of F32"
                        + " is longer than 2^63 bytes");
        assertRefuses(
                oneTensor(0, 1L << 61).zeros(64),
                "at byte 0x33, tensor 'blk.0.ffn_up.weight': shape [2305843009213693952] of F32 is"
                        + " longer than 2^63 bytes");
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5, 31, 33, 36, 38, 43, 999, -1})
    void tensorTypeThatGgmlDoesNotHave(int type) {
        assertRefuses(
                oneTensor(type, 32).zeros(64),
                "at byte 0x3F, tensor 'blk.0.ffn_up.weight': tensor type %s is unknown"
                        .formatted(Integer.toUnsignedString(type)));
    }

    @Test
    void rowThatIsNoWholeNumberOfBlocks() {
        assertRefuses(
                oneTensor(2, 33, 2).zeros(64),
                "at byte 0x33, tensor 'blk.0.ffn_up.weight': rows of 33 elements, Q4_0 needs a"
                        + " multiple of 32");
        assertRefuses(
                oneTensor(12).zeros(64),
                "at byte 0x33, tensor 'blk.0.ffn_up.weight': rows of 1 elements, Q4_K needs a"
                        + " multiple of 256");
    }

    @Test
    void offsetThatIsNotAligned() {
        assertRefuses(
                Bytes.header(1, 0).tensor("t", 24, 8, 8).pad(32).zeros(64),
                "at byte 0x31, tensor 't': offset 0x8 is not a multiple of the alignment 32");
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 40, Long.MAX_VALUE - 31, -32, Long.MIN_VALUE})
    void offsetPastTheEnd(long offset) {
        assertRefuses(
                Bytes.header(1, 0).tensor("t", 24, offset, 8).pad(32).zeros(64),
                ("at byte 0x31, tensor 't': offset 0x%X lies past the 64 bytes of data; is the"
                                + " file complete?")
                        .formatted(offset));
    }

    @Test
    void dataCutShort() {
        assertRefuses(
                oneTensor(2, 32, 2).pad(32).zeros(35),
                "at byte 0x4B, tensor 'blk.0.ffn_up.weight': [32, 2] Q4_0 needs 36 bytes, the file"
                        + " ends after 35; is it complete?");
    }

    @Test
    void tensorsThatOverlap() {
        assertRefuses(
                Bytes.header(3, 0)
                        .tensor("a", 24, 0, 33)
                        .tensor("b", 24, 64, 1)
                        .tensor("c", 24, 32, 1)
                        .pad(32)
                        .zeros(96),
                "at byte 0x73, tensor 'c': offset 0x20 lies 1 bytes before the end of tensor 'a'");
        assertRefuses(
                Bytes.header(2, 0).tensor("a", 24, 0, 8).tensor("b", 24, 0, 8).pad(32).zeros(96),
                "at byte 0x52, tensor 'b': offset 0x0 lies 8 bytes before the end of tensor 'a'");
    }
}
