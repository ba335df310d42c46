package dev.jinrai.gpu.kernels;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// A compiled kernel, read word by word: an instruction is its length and number in one word, then its operands
/// (SPIR-V specification 1.5, section 2.3).
final class SpirV {
    /// An instruction.
    ///
    /// @param code its number in the specification
    record Instruction(int code, List<Integer> operands) {
        int operand(int i) {
            return operands.get(i);
        }
    }

    private static final int CAPABILITY = 17;
    private static final int TYPE_INT = 21;
    private static final int TYPE_FLOAT = 22;
    private static final int TYPE_VECTOR = 23;
    private static final int TYPE_BOOL = 20;
    private static final int TYPE_ARRAY = 28;
    private static final int TYPE_POINTER = 32;
    private static final int CONSTANT = 43;
    private static final int SPEC_CONSTANT = 50;
    private static final int SPEC_CONSTANT_OP = 52;
    private static final int ADD = 128;
    private static final int SUBTRACT = 130;
    private static final int MULTIPLY = 132;
    private static final int DIVIDE = 134;
    private static final int VARIABLE = 59;
    private static final int DECORATE = 71;
    private static final int WORKGROUP = 4;
    private static final int BUILT_IN = 11;

    private final String name;
    private final int[] words;

    private SpirV(String name, int... words) {
        this.name = name;
        this.words = words;
    }

    String name() {
        return name;
    }

    int[] words() {
        return words.clone();
    }

    /// {@return every kernel of this build}
    static List<SpirV> all() {
        try {
            Path one =
                    Path.of(
                            Objects.requireNonNull(
                                            SpirV.class.getResource(
                                                    "/dev/jinrai/gpu/kernels/matvec.spv"))
                                    .toURI());
            try (Stream<Path> files = Files.list(Objects.requireNonNull(one.getParent()))) {
                return files.filter(f -> f.toString().endsWith(".spv"))
                        .sorted()
                        .map(SpirV::read)
                        .toList();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SpirV read(Path file) {
        try {
            IntBuffer words =
                    ByteBuffer.wrap(Files.readAllBytes(file))
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .asIntBuffer();
            int[] all = new int[words.remaining()];
            words.get(all);
            return new SpirV(file.getFileName().toString().replace(".spv", ""), all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Instruction> instructions() {
        List<Instruction> instructions = new ArrayList<>();
        for (int at = 5; at < words.length; at += words[at] >>> 16) {
            List<Integer> operands =
                    Arrays.stream(words, at + 1, at + (words[at] >>> 16)).boxed().toList();
            instructions.add(new Instruction(words[at] & 0xFFFF, operands));
        }
        return instructions;
    }

    /// {@return the numbers of the capabilities that it declares}
    Set<Integer> capabilities() {
        var declared = new TreeSet<Integer>();
        instructions().stream()
                .filter(i -> i.code() == CAPABILITY)
                .forEach(i -> declared.add(i.operand(0)));
        return declared;
    }

    /// {@return the numbers of the built-in variables that it has}
    Set<Integer> builtIns() {
        var known = new TreeSet<Integer>();
        instructions().stream()
                .filter(i -> i.code() == DECORATE && i.operand(1) == BUILT_IN)
                .forEach(i -> known.add(i.operand(2)));
        return known;
    }

    /// {@return how much memory its workgroups share, in bytes, with the constants that its source states: the largest in use}
    long sharedBytes() {
        Map<Integer, Instruction> byId = new HashMap<>();
        long bytes = 0;
        for (Instruction i : instructions()) {
            switch (i.code()) {
                case TYPE_BOOL, TYPE_INT, TYPE_FLOAT, TYPE_VECTOR, TYPE_ARRAY, TYPE_POINTER ->
                        byId.put(i.operand(0), i);
                case CONSTANT, SPEC_CONSTANT, SPEC_CONSTANT_OP -> byId.put(i.operand(1), i);
                default -> {
                    if (i.code() == VARIABLE && i.operand(2) == WORKGROUP) {
                        int type = Objects.requireNonNull(byId.get(i.operand(0))).operand(2);
                        bytes += bytes(type, byId);
                    }
                }
            }
        }
        return bytes;
    }

    private long bytes(int id, Map<Integer, Instruction> byId) {
        Instruction type =
                Objects.requireNonNull(
                        byId.get(id), () -> name + ": shared memory of a type not known here");
        return switch (type.code()) {
            case TYPE_BOOL -> 4;
            case TYPE_INT, TYPE_FLOAT -> type.operand(1) / 8;
            // A vector of three lies in the room of four.
            case TYPE_VECTOR ->
                    bytes(type.operand(1), byId) * (type.operand(2) == 3 ? 4 : type.operand(2));
            case TYPE_ARRAY -> bytes(type.operand(1), byId) * number(type.operand(2), byId);
            default -> throw new IllegalStateException(name + ": type " + type.code());
        };
    }

    private static long number(int id, Map<Integer, Instruction> byId) {
        Instruction constant = Objects.requireNonNull(byId.get(id));
        if (constant.code() != SPEC_CONSTANT_OP) {
            return constant.operand(2);
        }
        long a = number(constant.operand(3), byId);
        long b = number(constant.operand(4), byId);
        return switch (constant.operand(2)) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case DIVIDE -> a / b;
            default -> throw new IllegalStateException("operation " + constant.operand(2));
        };
    }

    @Override
    public String toString() {
        return name;
    }
}
