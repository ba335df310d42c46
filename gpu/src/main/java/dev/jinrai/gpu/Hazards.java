package dev.jinrai.gpu;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/// Says when a step needs a barrier: before a command that reads what one since the last barrier wrote, or writes what one
/// read or wrote. Products of one input with several matrices run side by side so.
final class Hazards {
    private final Set<Object> read = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Object> written = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Object> inputs = new ArrayList<>();
    private final List<Object> outputs = new ArrayList<>();

    /// Notes that the next command reads `thing`.
    void reads(Object thing) {
        inputs.add(thing);
    }

    /// Notes that the next command writes `thing`.
    void writes(Object thing) {
        outputs.add(thing);
    }

    /// Ends the notes on a command.
    ///
    /// @return whether there has to be a barrier before it
    boolean next() {
        boolean conflict =
                inputs.stream().anyMatch(written::contains)
                        || outputs.stream().anyMatch(o -> written.contains(o) || read.contains(o));
        if (conflict) {
            clear();
        }
        read.addAll(inputs);
        written.addAll(outputs);
        inputs.clear();
        outputs.clear();
        return conflict;
    }

    /// Notes a barrier.
    void clear() {
        read.clear();
        written.clear();
    }
}
