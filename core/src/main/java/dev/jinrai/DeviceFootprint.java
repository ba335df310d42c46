package dev.jinrai;

import java.util.ArrayList;
import java.util.List;

/// What a model with one session takes of the memory of a device of its own, a GPU's, in bytes. Its weights lie there as they
/// lie in the file.
///
/// @param weights all tensors of the file
/// @param position the keys and values of one position
record DeviceFootprint(long weights, long position) {
    private static final double MIB = 1 << 20;

    /// {@return how many positions fit beside the weights; 0 or less if not even those do}
    ///
    /// @param free what of the device's memory may still be taken
    long positions(long free) {
        return Math.floorDiv(free - weights - Footprint.COMPUTING, position);
    }

    /// {@return what to tell a user about a context that does not fit}
    String refusal(int context, long free, String device) {
        List<String> ways = new ArrayList<>();
        if (positions(free) > 0) {
            ways.add("a context of %d or less fits".formatted(positions(free)));
        }
        ways.add("the cpu backend needs no device");
        return ("%.0f MiB of the memory of '%s' are needed (%.0f MiB for weights, %.0f MiB for keys"
                    + " and values of %d token%s, %.0f MiB to compute with) and %.0f MiB are free;"
                    + " %s")
                .formatted(
                        Math.ceil(
                                (weights + Footprint.COMPUTING + (double) context * position)
                                        / MIB),
                        device,
                        Math.ceil(weights / MIB),
                        Math.ceil((double) context * position / MIB),
                        context,
                        context == 1 ? "" : "s",
                        Footprint.COMPUTING / MIB,
                        Math.floor(free / MIB),
                        String.join(", ", ways));
    }
}
