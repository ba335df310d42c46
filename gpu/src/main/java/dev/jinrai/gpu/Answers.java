package dev.jinrai.gpu;

import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What passes bring to the host at their end: a step that is sent again writes it to the same memory again, and whoever reads it
/// records nothing.
final class Answers {
    private final Holdings holdings;

    /// Where the host sees what a buffer had at the end of a pass.
    private final IdentityHashMap<GpuMemory, GpuMemory> mirrors = new IdentityHashMap<>();

    /// What the last pass brought, until something else is recorded.
    private @Nullable GpuBuffer current;

    Answers(Holdings holdings) {
        this.holdings = holdings;
    }

    /// {@return memory that the host sees, for what `buffer` has at the end of this pass}
    GpuMemory mirror(GpuBuffer buffer) {
        GpuMemory mirror = mirrors.get(buffer.memory());
        if (mirror == null || mirror.size() < buffer.bytes()) {
            holdings.close(mirror);
            mirror = holdings.take(buffer.bytes(), GpuMemory.Kind.READBACK);
            mirrors.put(buffer.memory(), mirror);
        }
        current = buffer;
        return mirror;
    }

    /// {@return what this pass brings so far, if anything}
    @Nullable GpuBuffer current() {
        return current;
    }

    /// Notes what a pass brings that is sent again.
    void current(@Nullable GpuBuffer answer) {
        current = answer;
    }

    /// {@return whether the last pass brought what `buffer` has}
    boolean has(GpuBuffer buffer) {
        return current != null
                && current.memory().equals(buffer.memory())
                && current.bytes() >= buffer.bytes();
    }

    /// {@return what the last pass brought of `buffer`, once it is done}
    MemorySegment of(GpuBuffer buffer) {
        return Objects.requireNonNull(mirrors.get(buffer.memory()))
                .host()
                .asSlice(0, buffer.bytes());
    }

    /// Gives back what belongs to the memory of a buffer that is given back.
    void forget(GpuMemory memory) {
        holdings.close(mirrors.remove(memory));
    }
}
