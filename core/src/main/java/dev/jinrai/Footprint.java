package dev.jinrai;

import dev.jinrai.backend.Backend;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.model.Weights;
import java.util.ArrayList;
import java.util.List;

/// What a model with one session takes of the memory for good, in bytes. Weights that are used where they lie in
/// their file are not part of it: the system drops them and reads them again.
///
/// @param weights the form of its own that a backend makes of weights
/// @param position the keys and values of one position
record Footprint(long weights, long position) {
    /// What computing takes beside weights, keys and values: the activations of a pass, compiled code, the
    /// youngest objects. A prompt of 600 tokens took 70 to 80 MiB in a model of 1.1 billion weights.
    static final long COMPUTING = 128 << 20;

    private static final double MIB = 1 << 20;

    /// @param layout of any capacity
    static Footprint of(Weights weights, Backend backend, KvLayout layout) {
        return new Footprint(
                weights.matrices().stream().mapToLong(backend::resident).sum(),
                layout.bytesPerPosition());
    }

    /// {@return the bytes of a session of `context` positions, the weights included}
    long bytes(int context) {
        return weights + COMPUTING + context * position;
    }

    /// {@return how many positions fit; 0 or less if not even the weights do}
    long positions(long available) {
        return Math.floorDiv(available - weights - COMPUTING, position);
    }

    /// {@return what to tell a user about a context that does not fit}
    String refusal(int context, long available) {
        List<String> ways = new ArrayList<>();
        if (positions(available) > 0) {
            ways.add("a --context of %d or less fits".formatted(positions(available)));
        }
        if (weights > 0) {
            ways.add("a smaller quantization takes less");
            ways.add("-b scalar reads the weights from the file, slowly");
        }
        if (ways.isEmpty()) {
            ways.add("other programs have to end first");
        }
        return ("%.0f MiB of memory are needed (weights %.0f MiB, keys and values of %d token%s"
                        + " %.0f MiB, to compute %.0f MiB) and %.0f MiB are available; %s")
                .formatted(
                        Math.ceil(bytes(context) / MIB),
                        Math.ceil(weights / MIB),
                        context,
                        context == 1 ? "" : "s",
                        Math.ceil(context * position / MIB),
                        COMPUTING / MIB,
                        Math.floor(available / MIB),
                        String.join(", ", ways));
    }
}
