package dev.jinrai.gpu;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What passes bring to the host at their end: a step that is sent again writes it to the same memory again, and whoever reads it
/// records nothing.
final class Answers {
    private final Holdings holdings;

    /// Where the host sees what a buffer had at the end of a pass.
    private final IdentityHashMap<GpuMemory, GpuMemory> mirrors = new IdentityHashMap<>();

    /// Mirrors that larger ones took the place of: recorded passes write to them.
    private final List<GpuMemory> outgrown = new ArrayList<>();

    /// What the last pass brought, until something else is recorded.
    private @Nullable Answer current;

    /// @param host where the host sees what the pass left in `buffer`
    record Answer(GpuBuffer buffer, GpuMemory host) {}

    Answers(Holdings holdings) {
        this.holdings = holdings;
    }

    /// {@return memory that the host sees, for what `buffer` has at the end of this pass}
    GpuMemory mirror(GpuBuffer buffer) {
        GpuMemory mirror = mirrors.get(buffer.memory());
        if (mirror == null || mirror.size() < buffer.bytes()) {
            if (mirror != null) {
                outgrown.add(mirror);
            }
            mirror = holdings.take(buffer.bytes(), GpuMemory.Kind.READBACK);
            mirrors.put(buffer.memory(), mirror);
        }
        current = new Answer(buffer, mirror);
        return mirror;
    }

    /// {@return what this pass brings so far, if anything}
    @Nullable Answer current() {
        return current;
    }

    /// Notes what a pass brings that is sent again.
    void current(@Nullable Answer answer) {
        current = answer;
    }

    /// {@return whether the last pass brought what `buffer` has}
    boolean has(GpuBuffer buffer) {
        return current != null
                && current.buffer().memory().equals(buffer.memory())
                && current.buffer().bytes() >= buffer.bytes();
    }

    /// {@return what the last pass brought of `buffer`, once it is done}
    MemorySegment of(GpuBuffer buffer) {
        return Objects.requireNonNull(current).host().host().asSlice(0, buffer.bytes());
    }

    /// Gives back what only passes wrote to that are forgotten.
    void closeOutgrown() {
        current = null;
        outgrown.forEach(holdings::close);
        outgrown.clear();
    }

    /// Gives back what belongs to the memory of a buffer that is given back.
    void forget(GpuMemory memory) {
        holdings.close(mirrors.remove(memory));
    }
}
