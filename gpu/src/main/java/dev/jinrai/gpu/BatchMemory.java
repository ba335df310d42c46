package dev.jinrai.gpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jinrai.backend.Batch;

/// What differs from pass to pass, where kernels find it: ids, positions, wanted rows, and each token's cache.
///
/// The addresses stay, so a recorded step serves every batch of its shape.
final class BatchMemory {
    private final GpuMemory memory;
    private final int capacity;

    BatchMemory(GpuDevice device, int capacity) {
        this.capacity = capacity;
        memory =
                device.allocate(
                        capacity * (3L * Integer.BYTES + Long.BYTES), GpuMemory.Kind.UPLOAD);
    }

    /// {@return the most tokens it holds}
    int capacity() {
        return capacity;
    }

    long caches() {
        return memory.address();
    }

    long tokens() {
        return memory.address() + (long) capacity * Long.BYTES;
    }

    long positions() {
        return tokens() + (long) capacity * Integer.BYTES;
    }

    long outputs() {
        return positions() + (long) capacity * Integer.BYTES;
    }

    /// Takes a batch; nothing that was submitted may still read the one before.
    void write(Batch batch) {
        var host = memory.host();
        int ints = capacity * Long.BYTES / Integer.BYTES;
        for (int t = 0; t < batch.size(); t++) {
            host.setAtIndex(JAVA_INT, ints + t, batch.token(t));
            host.setAtIndex(JAVA_INT, ints + capacity + t, batch.position(t));
        }
        for (int i = 0; i < batch.outputs(); i++) {
            host.setAtIndex(JAVA_INT, ints + 2 * capacity + i, batch.output(i));
        }
        for (var run : batch.runs()) {
            long table = ((GpuKvCache) run.cache()).table();
            for (int t = run.first(); t < run.first() + run.count(); t++) {
                host.setAtIndex(JAVA_LONG, t, table);
            }
        }
    }

    void close() {
        memory.close();
    }
}
