package dev.jinrai;

import dev.jinrai.backend.KvLayout;
import java.util.ArrayList;
import java.util.List;

/// How much of a model a device's memory holds: nothing but arithmetic.
///
/// The last layers go to the device. Before them come the embedding, of which a token reads one row, and layers on the host;
/// behind them is the output, of whose input only the rows are left by then whose logits are wanted, so that little comes
/// back. A device that runs every layer runs embedding and output too.
///
/// @param free what of the device's memory may be taken, in bytes
record DeviceFit(Demand demand, long free) {
    /// Taken beside weights, keys, values and activations: memory to copy through (96 MiB), what a driver takes for kernels and
    /// recorded steps, what stays empty at the end of a piece.
    static final long RESERVE = 256 << 20;

    /// Positions that keys and values are taken for at once.
    static final int BLOCK = 256;

    /// A context that layers leave the device for, where nobody says which is wanted. Longer ones have to do with what the layers
    /// leave.
    static final int WORTHWHILE = 4096;

    private static final double MIB = 1 << 20;

    /// {@return the number of layers of the model}
    int all() {
        return demand.layers().size();
    }

    /// {@return the memory that the last `layers` layers take, in bytes}
    long bytes(int layers, int context) {
        return layers == 0
                ? 0
                : weights(layers) + keysAndValues(layers, context) + computing(layers);
    }

    private long weights(int layers) {
        long sum = layers == all() ? demand.ends() : 0;
        for (long layer : demand.layers().subList(all() - layers, all())) {
            sum += layer;
        }
        return sum;
    }

    private long keysAndValues(int layers, int context) {
        return position(layers) * (context + (long) BLOCK);
    }

    /// {@return the keys and values of one position in the last `layers` layers}
    private long position(int layers) {
        KvLayout whole = demand.layout();
        return new KvLayout(
                        whole.layers().subList(all() - layers, all()),
                        whole.capacity(),
                        whole.type())
                .bytesPerPosition();
    }

    private long computing(int layers) {
        return demand.activations() + RESERVE + (layers == all() ? demand.logits() : 0);
    }

    boolean fits(int layers, int context) {
        return bytes(layers, context) <= free;
    }

    /// {@return how many layers fit with a context}
    int layers(int context) {
        int layers = 0;
        while (layers < all() && fits(layers + 1, context)) {
            layers++;
        }
        return layers;
    }

    /// {@return how many positions fit with the last `layers` layers; 0 or less if not even the weights do}
    long positions(int layers) {
        if (layers == 0) {
            return Long.MAX_VALUE;
        }
        long left = free - weights(layers) - computing(layers);
        return Math.floorDiv(left, Math.max(1, position(layers))) - BLOCK;
    }

    /// {@return the context that is counted on for a user who wants `context`, or 0 for any}
    int expected(int context) {
        return context == 0 ? Math.min(demand.contextLength(), WORTHWHILE) : context;
    }

    /// {@return in one sentence, why not all layers are on the device}
    ///
    /// @param layers that are
    /// @param context that a user wants, or 0 for any
    /// @param device its name
    String shortage(int layers, int context, String device) {
        String sentence =
                layers == 0
                        ? "not one layer of the model fits the GPU, so the CPU runs it: for one %s"
                                .formatted(needed(1, context, device))
                        : "%d of %d layers fit the GPU, the CPU runs the rest: for all %s"
                                .formatted(layers, all(), needed(all(), context, device));
        long positions = Math.min(demand.contextLength(), positions(all()));
        return context > positions && positions > 0
                ? sentence + "; with a context of %d or less all fit".formatted(positions)
                : sentence;
    }

    /// {@return what to tell a user who wants layers on the device that do not fit}
    String refusal(int layers, int context, String device) {
        List<String> ways = new ArrayList<>();
        if (positions(layers) > 0) {
            ways.add("a context of %d or less fits".formatted(positions(layers)));
        }
        int fitting = layers(expected(context));
        if (fitting > 0) {
            ways.add("%d of %d layers fit with the backend hybrid".formatted(fitting, all()));
        }
        ways.add("the backend cpu needs no memory of a GPU");
        return "%s; %s".formatted(needed(layers, context, device), String.join(", ", ways));
    }

    private String needed(int layers, int context, String device) {
        int expected = expected(context);
        return ("%.0f MiB of the memory of '%s' are needed (%.0f MiB for weights, %.0f MiB for keys"
                    + " and values of %d tokens, %.0f MiB to compute with) and %.0f MiB are free")
                .formatted(
                        Math.ceil(bytes(layers, expected) / MIB),
                        device,
                        Math.ceil(weights(layers) / MIB),
                        Math.ceil(keysAndValues(layers, expected) / MIB),
                        expected,
                        Math.ceil(computing(layers) / MIB),
                        Math.floor(free / MIB));
    }
}
