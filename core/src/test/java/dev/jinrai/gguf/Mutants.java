package dev.jinrai.gguf;

import dev.jinrai.testing.Goldens;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Damages real headers and opens the result, in a JVM of its own whose small heap is the bound on
/// memory ([MutationTest] bounds the time). Whatever opens is walked from end to end. Anything but
/// success or a [GgufException] ends the run with the number of the mutant, which is also its seed.
final class Mutants {
    private static final long[] EXTREMES = {
        0,
        1,
        2,
        4,
        7,
        8,
        9,
        12,
        13,
        31,
        32,
        33,
        255,
        256,
        65_535,
        65_536,
        1 << 20,
        1 << 24,
        1 << 30,
        Integer.MAX_VALUE,
        1L << 31,
        0xFFFF_FFFFL,
        1L << 32,
        1L << 40,
        1L << 60,
        1L << 61,
        1L << 62,
        Long.MAX_VALUE - 31,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -32,
        -8,
        -2,
        -1
    };

    /// The header of a file, and how long the file is; its tensor data is never looked at.
    private static final class Original {
        final byte[] header;
        final long length;

        /// Places of the numbers that steer the reader.
        final List<Integer> fields;

        Original(Path file) throws IOException {
            byte[] bytes = Files.readAllBytes(file);
            var parsed = new HandParser(bytes);
            header = Arrays.copyOf(bytes, parsed.dataOffset);
            length = bytes.length;
            fields = parsed.fields;
        }
    }

    private final List<Original> originals = new ArrayList<>();
    private final Path file;
    private long opened;
    private long refused;

    private Mutants(Path file) throws IOException {
        this.file = file;
        Path every = file.resolveSibling("every-type.gguf");
        EveryType.writer(3).write(every);
        for (Path path :
                List.of(
                        every,
                        Goldens.file("quants/Q4_0.gguf"),
                        Goldens.file("models/llama.gguf"),
                        Goldens.file("models/llama3.gguf"))) {
            originals.add(new Original(path));
        }
    }

    /// Arguments: a file to write the mutants to, the first seed, the number of mutants.
    public static void main(String[] args) throws IOException {
        var mutants = new Mutants(Path.of(args[0]));
        long first = Long.parseLong(args[1]);
        long count = Long.parseLong(args[2]);
        for (long seed = first; seed < first + count; seed++) {
            try {
                mutants.run(new Random(seed));
            } catch (Throwable e) {
                System.out.println("mutant with seed " + seed + ":");
                e.printStackTrace(System.out);
                System.exit(1);
            }
        }
        System.out.printf(
                "seeds from %d: %d opened, %d refused%n", first, mutants.opened, mutants.refused);
        if (mutants.opened < count / 50 || mutants.refused < count / 5) {
            System.out.println("too few of one kind: the mutations no longer test anything");
            System.exit(1);
        }
    }

    private void run(Random random) throws IOException {
        Original original = originals.get(random.nextInt(originals.size()));
        byte[] mutant = original.header.clone();
        for (int damages = 1 + random.nextInt(3); damages > 0; damages--) {
            mutant = damage(mutant, original, random);
        }
        try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.write(mutant);
            raw.setLength(mutant.length); // not 0 before: ext4 then waits for the disk at close
            long length = original.length + mutant.length - original.header.length;
            if (random.nextInt(8) != 0) { // else without tensor data
                raw.setLength(Math.max(mutant.length, length));
            }
        }
        try (Gguf gguf = Gguf.open(file)) {
            opened++;
            walk(gguf);
        } catch (GgufException e) {
            refused++;
            checkMessage(String.valueOf(e.getMessage()));
        }
    }

    private void checkMessage(String message) {
        if (!message.startsWith(file.toString())
                || message.codePoints().anyMatch(Character::isISOControl)
                || message.length() > file.toString().length() + 1000) {
            throw new AssertionError("poor message: " + message);
        }
    }

    private byte[] damage(byte[] bytes, Original original, Random random) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        switch (random.nextInt(6)) {
            case 0 -> { // flip bits
                for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            case 1, 2 -> { // an extreme number where one steers the reader
                int field = original.fields.get(random.nextInt(original.fields.size()));
                overwrite(buffer, field, random);
            }
            case 3 -> overwrite(buffer, random.nextInt(bytes.length), random);
            case 4 -> { // a piece of a file over another place
                byte[] from = originals.get(random.nextInt(originals.size())).header;
                int length = 1 + random.nextInt(Math.min(64, Math.min(from.length, bytes.length)));
                System.arraycopy(
                        from,
                        random.nextInt(from.length - length + 1),
                        bytes,
                        random.nextInt(bytes.length - length + 1),
                        length);
            }
            default -> { // a piece left out, or in twice
                int at = random.nextInt(bytes.length);
                int length = random.nextInt(Math.min(64, bytes.length - at));
                boolean twice = random.nextBoolean();
                byte[] spliced = new byte[bytes.length + (twice ? length : -length)];
                int head = twice ? at + length : at;
                System.arraycopy(bytes, 0, spliced, 0, head);
                int tail = twice ? at : at + length;
                System.arraycopy(bytes, tail, spliced, head, bytes.length - tail);
                return spliced;
            }
        }
        return bytes;
    }

    private static void overwrite(ByteBuffer buffer, int at, Random random) {
        long number = EXTREMES[random.nextInt(EXTREMES.length)];
        if (random.nextBoolean() && at <= buffer.capacity() - 8) {
            buffer.putLong(at, number);
        } else if (at <= buffer.capacity() - 4) {
            buffer.putInt(at, (int) number);
        }
    }

    private static void walk(Gguf gguf) {
        long sum = 0;
        for (TensorInfo tensor : gguf.tensors()) {
            MemorySegment data = gguf.data(gguf.tensor(tensor.name()).orElseThrow());
            if (data.byteSize() > 0) {
                sum += data.get(ValueLayout.JAVA_BYTE, 0);
                sum += data.get(ValueLayout.JAVA_BYTE, data.byteSize() - 1);
            }
        }
        for (String key : gguf.metadata().keys()) {
            sum += walk(gguf.metadata().find(key).orElseThrow());
        }
        if (sum == Long.MIN_VALUE) {
            throw new AssertionError("the sum is here so that the reads are");
        }
    }

    /// A damaged string of an array fails here; the rest of the array is still to be read.
    private static long walk(MetadataValue value) {
        if (!(value instanceof MetadataValue.Array array)) {
            return value.toString().length();
        }
        long sum = 0;
        for (int i = 0; i < array.elements().size(); i++) {
            try {
                sum += walk(array.elements().get(i));
            } catch (GgufException e) {
                sum++;
            }
        }
        return sum;
    }
}
