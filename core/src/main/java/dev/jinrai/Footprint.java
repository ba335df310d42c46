package dev.jinrai;

import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.backend.Weight;
import dev.jinrai.format.Q4_0;
import dev.jinrai.model.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/// What a model with one session takes of the memory for good, in bytes. Weights that are used where they lie in
/// their file are not part of it: the system drops them and reads them again.
///
/// @param weights the form of its own that a backend makes of weights
/// @param smallest what they would take as Q4_0, the smallest format
/// @param layout of any capacity, with the layers whose keys and values lie on the Java heap; there may be none
record Footprint(long weights, long smallest, KvLayout layout) {
    /// What computing takes beside weights, keys and values: the activations of a pass, compiled code, the
    /// youngest objects. A prompt of 600 tokens took 70 to 80 MiB in a model of 1.1 billion weights.
    static final long COMPUTING = 128 << 20;

    private static final double MIB = 1 << 20;

    /// @param resident what [dev.jinrai.backend.Backend#resident] says of a matrix
    static Footprint of(Weights weights, ToLongFunction<Weight> resident, KvLayout layout) {
        List<Weight> own =
                weights.matrices().stream().filter(w -> resident.applyAsLong(w) > 0).toList();
        return new Footprint(
                own.stream().mapToLong(resident).sum(),
                own.stream().mapToLong(Footprint::smallest).sum(),
                layout);
    }

    private static long smallest(Weight matrix) {
        return (long) matrix.slices() * matrix.rows() * new Q4_0().byteSize(matrix.columns());
    }

    /// {@return the keys and values of one position}
    long position() {
        return layout.bytesPerPosition();
    }

    /// {@return whether a session of `context` positions fits the memory and the Java heap}
    boolean fits(int context, Memory memory) {
        return context <= positions(memory);
    }

    /// {@return how many positions fit; 0 or less if not even the weights do}
    long positions(Memory memory) {
        return Math.min(inMemory(memory), onHeap(memory));
    }

    private long inMemory(Memory memory) {
        return Math.floorDiv(
                memory.available().orElse(Long.MAX_VALUE) - weights - COMPUTING,
                Math.max(1, position()));
    }

    private long onHeap(Memory memory) {
        return forKeysAndValues(memory) / Math.max(1, position());
    }

    /// {@return what of the Java heap keys and values may take; small models compute with less, so a small heap is halved}
    private static long forKeysAndValues(Memory memory) {
        return memory.heap() - Math.min(COMPUTING, memory.heap() / 2);
    }

    /// {@return what to tell a user about a context that does not fit}
    String refusal(int context, Memory memory) {
        String problem =
                onHeap(memory) < inMemory(memory)
                        ? "%s are needed and the Java heap leaves them %.0f MiB"
                                .formatted(
                                        keysAndValues(context),
                                        Math.floor(forKeysAndValues(memory) / MIB))
                        : ("%.0f MiB of memory are needed (%.0f MiB for weights, %s, %.0f MiB to"
                                        + " compute with) and %.0f MiB are available")
                                .formatted(
                                        Math.ceil(
                                                (weights + COMPUTING + context * position()) / MIB),
                                        Math.ceil(weights / MIB),
                                        keysAndValues(context),
                                        COMPUTING / MIB,
                                        Math.floor(memory.available().orElseThrow() / MIB));
        return problem + "; " + String.join(", ", ways(context, memory));
    }

    private String keysAndValues(int context) {
        return "%.0f MiB for keys and values of %d token%s"
                .formatted(Math.ceil(context * position() / MIB), context, context == 1 ? "" : "s");
    }

    /// {@return what a user can do about it, each of which is enough}
    private List<String> ways(int context, Memory memory) {
        List<String> ways = new ArrayList<>();
        if (positions(memory) > 0) {
            ways.add("a context of %d or less fits".formatted(positions(memory)));
        }
        smallerTypes()
                .filter(type -> with(type).fits(context, memory))
                .findFirst()
                .ifPresent(type -> ways.add("the KV type " + type.label() + " fits"));
        if (smallest < weights && withWeights(smallest).fits(context, memory)) {
            ways.add(
                    "a smaller quantization may fit (Q4_0 takes %.0f MiB)"
                            .formatted(Math.ceil(smallest / MIB)));
        }
        if (weights > 0 && withWeights(0).fits(context, memory)) {
            ways.add("the scalar backend fits, which reads the weights from the file, slowly");
        }
        if (context > onHeap(memory) && context <= inMemory(memory)) {
            ways.add("a larger Java heap (-Xmx) may fit");
        }
        return ways.isEmpty() ? List.of("other programs have to end first") : ways;
    }

    /// {@return the types of keys and values that take less, the largest first}
    private Stream<KvType> smallerTypes() {
        return Arrays.stream(KvType.values())
                .filter(this::holds)
                .filter(type -> with(type).position() < position())
                .sorted(Comparator.comparingLong(type -> -with(type).position()));
    }

    private boolean holds(KvType type) {
        return layout.layers().stream()
                .allMatch(l -> type.holds(l.keyLength()) && type.holds(l.valueLength()));
    }

    private Footprint with(KvType type) {
        return new Footprint(
                weights, smallest, new KvLayout(layout.layers(), layout.capacity(), type));
    }

    private Footprint withWeights(long bytes) {
        return new Footprint(bytes, smallest, layout);
    }
}
