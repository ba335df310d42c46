package dev.jinrai.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Models in several files.
class PartsTest {
    @TempDir Path folder;

    /// Writes a part with one tensor, whose only weight is its number.
    private Path part(int number, int count, String tensor) {
        var writer = new GgufWriter();
        if (number == 0) {
            writer.string("general.architecture", "llama");
        }
        writer.put("split.no", new MetadataValue.Whole(ValueType.UINT16, number))
                .put("split.count", new MetadataValue.Whole(ValueType.UINT16, count))
                .int32("split.tensors.count", 3)
                .tensor(tensor, List.of(1L), new float[] {number});
        Path file = file(number, count);
        writer.write(file);
        return file;
    }

    private Path file(int number, int count) {
        return folder.resolve("m-%05d-of-%05d.gguf".formatted(number + 1, count));
    }

    private Path three() {
        part(2, 3, "c");
        part(1, 3, "b");
        return part(0, 3, "a");
    }

    @Test
    void areOneModel() {
        Path first = three();

        try (Gguf gguf = Gguf.open(first)) {
            assertThat(gguf.file()).isEqualTo(first);
            assertThat(gguf.files()).containsExactly(first, file(1, 3), file(2, 3));
            assertThat(gguf.metadata().architecture()).isEqualTo("llama");
            assertThat(gguf.tensors()).extracting(TensorInfo::name).containsExactly("a", "b", "c");
            for (int i = 0; i < 3; i++) {
                TensorInfo tensor = gguf.tensors().get(i);
                assertThat(gguf.tensor(tensor.name())).contains(tensor);
                assertThat(gguf.file(tensor)).isEqualTo(file(i, 3));
                assertThat(gguf.data(tensor).get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0)).isEqualTo(i);
            }
        }
    }

    @Test
    void aModelOfOnePartNeedsNoSpecialName() throws IOException {
        Path part = part(0, 1, "a");
        Path file = Files.move(part, folder.resolve("model.gguf"));

        try (Gguf gguf = Gguf.open(file)) {
            assertThat(gguf.files()).containsExactly(file);
        }
    }

    @Test
    void aLaterPartNamesTheFirst() {
        three();

        refused(
                file(1, 3),
                file(1, 3)
                        + ": is part 2 of 3 of a model; open the first, whose name ends in"
                        + " -00001-of-00003.gguf");
    }

    @Test
    void aMissingPartIsNamed() throws IOException {
        Path first = three();
        Files.delete(file(2, 3));

        refused(
                first,
                file(2, 3)
                        + ": no such file (part 3 of 3 of a model, all of which have to be there)");
    }

    @Test
    void aBrokenPartIsNamed() throws IOException {
        Path first = three();
        Files.write(file(1, 3), new byte[] {'G', 'G', 'U', 'F'});

        assertThatExceptionOfType(GgufException.class)
                .isThrownBy(() -> Gguf.open(first))
                .withMessageStartingWith(file(1, 3) + ": at byte 0x4, header: ")
                .withMessageEndingWith(" (part 2 of 3 of a model, all of which have to be there)");
    }

    @Test
    void aPartOfAnotherModelIsRefused() throws IOException {
        Path first = three();
        Files.copy(part(1, 4, "x"), file(1, 3), StandardCopyOption.REPLACE_EXISTING);
        refused(first, file(1, 3) + ": wanted part 2 of 3, got part 2 of 4");

        new GgufWriter().tensor("b", List.of(1L), new float[1]).write(file(1, 3));
        refused(first, file(1, 3) + ": wanted part 2 of 3, got a file that is no part");
    }

    @Test
    void aTensorInTwoPartsIsRefused() {
        Path first = three();
        part(2, 3, "b");

        refused(first, file(2, 3) + ": tensor 'b' lies in " + file(1, 3) + " too");
    }

    @Test
    void tensorsThatTheFirstPartMissesAreNoticed() {
        Path first = three();
        new GgufWriter()
                .put("split.no", new MetadataValue.Whole(ValueType.UINT16, 2))
                .put("split.count", new MetadataValue.Whole(ValueType.UINT16, 3))
                .write(file(2, 3));

        refused(first, first + ": split.tensors.count is 3, and the 3 files hold 2 tensors");
    }

    @Test
    void othersAreNotFoundByAnotherName() throws IOException {
        Path first = Files.move(three(), folder.resolve("m.gguf"));

        refused(
                first,
                first
                        + ": is the first of 3 files, which are found by their names: its own has"
                        + " to end in -00001-of-00003.gguf");
    }

    @Test
    void nonsenseIsRefused() {
        refused(part(0, 0, "a"), file(0, 0) + ": split.count: wanted 1 to 65535, got 0");
        refused(part(7, 3, "a"), file(7, 3) + ": split.no: wanted 0 to 2, got 7");
        Path texts = folder.resolve("texts.gguf");
        new GgufWriter().string("split.count", "three").write(texts);
        refused(
                texts,
                texts
                        + ": key 'split.count': wanted an integer that fits 32 bits, got string"
                        + " 'three'");
    }

    private static void refused(Path file, String message) {
        assertThatExceptionOfType(GgufException.class)
                .isThrownBy(() -> Gguf.open(file))
                .withMessage(message);
    }
}
