package dev.jinrai.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.jinrai.testing.Goldens;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Files are read whole and right, or refused in one line that names the place.
class SafetensorsTest {
    private static final String GOOD =
            """
            {"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},\
            "b":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]},\
            "none":{"dtype":"F16","shape":[0,7],"data_offsets":[32,32]}}\
            """;

    @TempDir private Path folder;

    private static byte[] bytes(String table, int data) {
        byte[] json = table.getBytes(UTF_8);
        return ByteBuffer.allocate(8 + json.length + data)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("some.safetensors"), bytes);
    }

    private void refused(byte[] bytes, String... parts) throws IOException {
        Path file = file(bytes);
        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> Safetensors.open(file).close())
                .satisfies(e -> checkMessage(file, e))
                .withMessageContainingAll(parts);
    }

    private static void checkMessage(Path file, SafetensorsException e) {
        assertThat(e.getMessage())
                .startsWith(file.toString())
                .hasSizeLessThan(file.toString().length() + 1000);
        assertThat(("" + e.getMessage()).codePoints()).noneMatch(Character::isISOControl);
    }

    @Test
    void readsTheTableAndSlicesTheMapping() throws IOException {
        byte[] bytes = bytes(GOOD, 32);
        bytes[bytes.length - 8] = 0x40; // the first byte of b
        try (Safetensors file = Safetensors.open(file(bytes))) {
            assertThat(file.metadata()).containsExactly(entry("format", "pt"));
            assertThat(file.tensors())
                    .extracting(TensorEntry::name)
                    .containsExactly("a", "b", "none");
            TensorEntry a = file.tensor("a").orElseThrow();
            assertThat(a.shape()).containsExactly(2L, 3L);
            assertThat(a.type()).isEqualTo(DType.F32);
            assertThat(a.offset()).isEqualTo(bytes.length - 32);
            TensorEntry b = file.tensor("b").orElseThrow();
            assertThat(file.data(b).toArray(ValueLayout.JAVA_BYTE)).startsWith(0x40).hasSize(8);
            assertThat(file.tensor("none").orElseThrow().byteSize()).isZero();
        }
    }

    @Test
    void spacesMayFollowTheTableAndOrderIsFree() throws IOException {
        String table =
                """
                {"z":{"data_offsets":[4,8],"shape":[1],"dtype":"F32"},\
                "y":{"data_offsets":[0,4],"shape":[],"dtype":"I32"}}\
                """
                        + "       ";
        try (Safetensors file = Safetensors.open(file(bytes(table, 8)))) {
            assertThat(file.tensors()).hasSize(2);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            textBlock =
                    """
                    []                                                                ¦ wanted the '{'
                    {"a":1}                                                           ¦ a: wanted an object, got a number
                    {"a":{"shape":[1],"data_offsets":[0,4]}}                          ¦ a: has no key 'dtype'
                    {"a":{"dtype":"F32","data_offsets":[0,4]}}                        ¦ a: has no key 'shape'
                    {"a":{"dtype":"F32","shape":[1]}}                                 ¦ a: has no key 'data_offsets'
                    {"a":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}}            ¦ a.dtype: 'f32' is unknown
                    {"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}}                ¦ a.dtype: wanted a string
                    {"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}              ¦ a.shape: wanted an array
                    {"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}           ¦ a.shape[0]: wanted a whole number
                    {"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}          ¦ a.shape[0]: wanted a whole number
                    {"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}          ¦ a.shape[0]: wanted a whole number
                    {"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}          ¦ a.shape[0]: wanted a number
                    {"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}} ¦ wanted a whole number
                    {"a":{"dtype":"F32","shape":[1000000000,1000000000,1000],"data_offsets":[0,4]}} ¦ no tensor has the shape
                    {"a":{"dtype":"F4","shape":[1],"data_offsets":[0,4]}}             ¦ no tensor has the shape
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}              ¦ wanted a begin and an end
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}            ¦ begins at 4, ends at 0
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,3]}}            ¦ needs 4 bytes, got 3
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}      ¦ a.x: unknown
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} ¦ key 'a' stands twice
                    {"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}} ¦ key 'dtype' stands twice
                    {"":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}             ¦ a tensor without a name
                    {"__metadata__":{"a":1}}                                          ¦ __metadata__.a: wanted a string
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}             ¦ the table is not JSON
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}}           ¦ the table is not JSON
                    {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},}           ¦ the table is not JSON
                    """)
    void refusesATableThatSaysNoTensors(String table, String problem) throws IOException {
        refused(bytes(table.strip(), 4), problem.strip());
    }

    @Test
    void refusesTensorsThatDoNotCoverTheData() throws IOException {
        String two =
                """
                {"a":{"dtype":"U8","shape":[4],"data_offsets":[%d,%d]},\
                "b":{"dtype":"U8","shape":[4],"data_offsets":[%d,%d]}}\
                """;
        refused(bytes(two.formatted(0, 4, 2, 6), 6), "'b'", "2 bytes before the end of", "'a'");
        refused(bytes(two.formatted(0, 4, 0, 4), 4), "4 bytes before the end of"); // aliased
        refused(bytes(two.formatted(0, 4, 6, 10), 10), "'b'", "2 bytes before its data belong to");
        refused(bytes(two.formatted(1, 5, 5, 9), 9), "'a'", "1 bytes before its data belong to");
        refused(bytes(two.formatted(0, 4, 4, 8), 7), "'b'", "is it complete?");
        refused(bytes(two.formatted(0, 4, 4, 8), 9), "the last 1 bytes belong to no tensor");
        refused(bytes("{}", 1), "the last 1 bytes belong to no tensor");
        refused(
                bytes(two.formatted(0, 4, 999_999_999_999_990L, 999_999_999_999_994L), 4),
                "is it complete?");
    }

    @Test
    void refusesALengthOfTheTableThatCannotBe() throws IOException {
        byte[] bytes = bytes(GOOD, 32);
        for (long length : List.of(-1L, Long.MIN_VALUE, 1L << 40, (32L << 20) + 1)) {
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
            refused(bytes, "at byte 0x0", "at most 33554432 are supported");
        }
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, bytes.length);
        refused(bytes, "runs 8 past the end");
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 0);
        refused(bytes, "wanted the '{'");
    }

    @Test
    void boundsTheValuesOfATableWhateverTheyAre() throws IOException {
        refused(bytes("{\"a\":[" + "1,".repeat(1 << 21) + "1]}", 0), "more than 2097152 values");
        refused(bytes("{\"a\":" + "[".repeat(1000), 0), "the table is not JSON");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"GGUF\3\0\0\0", "version https://", "PK\3\4\0\0\0\0", "<!DOCTYPE html>"})
    void saysWhatAFileSeemsToBeInstead(String start) throws IOException {
        byte[] bytes = Arrays.copyOf(start.getBytes(StandardCharsets.ISO_8859_1), 400);
        refused(bytes, start.startsWith("GGUF") ? "GGUF" : "perhaps");
    }

    @Test
    void refusesWhatIsNoUtf8AndEscapesWhatDoesNotPrint() throws IOException {
        byte[] bytes = bytes("{\"a\u00e9\":1}", 0);
        bytes[11] = (byte) 0xFF;
        refused(bytes, "is not UTF-8");
        refused(bytes("{\"a\\n\\u001b[31m\":1}", 0), "\\u{1B}");
    }

    @Test
    void refusesEveryTruncation() throws IOException {
        byte[] whole = bytes(GOOD, 32);
        for (int length = 0; length < whole.length; length++) {
            refused(Arrays.copyOf(whole, length), ": ");
        }
    }

    @Test
    void opensOrRefusesEveryMutant() throws IOException {
        byte[][] originals = {
            bytes(GOOD, 32),
            Files.readAllBytes(Goldens.file("huggingface/mistral/model.safetensors"))
        };
        int opened = 0;
        for (int seed = 0; seed < 3000; seed++) {
            var random = new Random(seed);
            byte[] mutant = originals[seed % 8 == 0 ? 1 : 0].clone();
            int table = (int) ByteBuffer.wrap(mutant).order(ByteOrder.LITTLE_ENDIAN).getLong();
            for (int damages = 1 + random.nextInt(3); damages > 0; damages--) {
                int at = random.nextInt(8 + table);
                switch (random.nextInt(4)) {
                    case 0 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
                    case 1 ->
                            mutant[at] =
                                    (byte) "{}[]\",:0123456789-e. \\".charAt(random.nextInt(21));
                    case 2 -> mutant[at] = mutant[random.nextInt(8 + table)];
                    default ->
                            mutant[8 + random.nextInt(table)] = (byte) ('0' + random.nextInt(10));
                }
            }
            Path file = file(mutant);
            try (Safetensors safetensors = Safetensors.open(file)) {
                opened++;
                for (TensorEntry tensor : safetensors.tensors()) {
                    assertThat(safetensors.data(tensor).byteSize()).isEqualTo(tensor.byteSize());
                }
            } catch (SafetensorsException e) {
                checkMessage(file, e);
            }
        }
        assertThat(opened).as("mutants that opened").isBetween(60, 2000);
    }

    @Test
    void refusesWhatIsNoFile() {
        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> Safetensors.open(folder.resolve("missing")))
                .withMessageEndingWith("missing: no such file");
        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> Safetensors.open(folder))
                .withMessageEndingWith(": is not a regular file");
    }
}
