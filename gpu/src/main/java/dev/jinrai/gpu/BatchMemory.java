package dev.jinrai.gpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jinrai.backend.Batch;

/// What differs from pass to pass, where kernels find it: ids, positions, wanted rows, and each token's cache.
///
/// The addresses stay, so a recorded step serves every batch of its shape. The host writes to the device's memory where it sees that.
/// Elsewhere it writes to its own, and a step begins by [#bring]: kernels that wait for each other read it too often to fetch it from
/// the host each time.
final class BatchMemory {
    private final GpuMemory memory;
    private final GpuMemory host;
    private final int capacity;

    BatchMemory(GpuDevice device, int capacity) {
        this.capacity = capacity;
        long bytes = capacity * (3L * Integer.BYTES + Long.BYTES);
        host = device.allocate(bytes, GpuMemory.Kind.UPLOAD);
        memory = host.near() ? host : device.allocate(bytes, GpuMemory.Kind.DEVICE);
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
        var to = host.host();
        int ints = capacity * Long.BYTES / Integer.BYTES;
        for (int t = 0; t < batch.size(); t++) {
            to.setAtIndex(JAVA_INT, ints + t, batch.token(t));
            to.setAtIndex(JAVA_INT, ints + capacity + t, batch.position(t));
        }
        for (int i = 0; i < batch.outputs(); i++) {
            to.setAtIndex(JAVA_INT, ints + 2 * capacity + i, batch.output(i));
        }
        for (var run : batch.runs()) {
            long table = ((GpuKvCache) run.cache()).table();
            for (int t = run.first(); t < run.first() + run.count(); t++) {
                to.setAtIndex(JAVA_LONG, t, table);
            }
        }
    }

    /// Records that what [#write] took comes to the device.
    void bring(GpuRecorder recorder) {
        if (!host.near()) {
            recorder.copy(host, 0, memory, 0, memory.size());
            recorder.barrier();
        }
    }

    void close() {
        memory.close();
        host.close();
    }
}
