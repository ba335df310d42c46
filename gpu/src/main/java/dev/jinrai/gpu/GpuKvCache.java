package dev.jinrai.gpu;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.jinrai.backend.KvCache;
import dev.jinrai.backend.KvLayout;
import java.util.ArrayList;
import java.util.List;

/// Keys and values of one timeline on a device, in blocks of [#BLOCK] positions of all layers, taken as the timeline
/// reaches them. Kernels find the blocks through a table of their addresses, so a recorded step outlives the growth.
///
/// In a block, a layer's keys lie head after head, position after position, in the layout's format; then its values.
final class GpuKvCache implements KvCache {
    /// Positions in a block.
    static final int BLOCK = 256;

    private static final long ALIGNMENT = 256;

    private final GpuDevice device;
    private final KvLayout layout;
    private final long[] keyOffsets;
    private final long[] valueOffsets;
    private final long blockBytes;
    private final GpuMemory table;

    /// What the host writes of the table.
    private final GpuMemory hostTable;

    private final List<GpuMemory> blocks = new ArrayList<>();

    /// How many blocks the device knows: fewer where it had no memory for as many as were wanted.
    private int shown;

    private int length;
    private boolean closed;

    GpuKvCache(GpuDevice device, KvLayout layout) {
        this.device = device;
        this.layout = layout;
        int layers = layout.layers().size();
        keyOffsets = new long[layers];
        valueOffsets = new long[layers];
        long at = 0;
        for (int l = 0; l < layers; l++) {
            var shape = layout.layers().get(l);
            keyOffsets[l] = at;
            at = aligned(at + bytes(shape.kvHeads(), shape.keyLength()));
            valueOffsets[l] = at;
            at = aligned(at + bytes(shape.kvHeads(), shape.valueLength()));
        }
        blockBytes = Math.max(at, ALIGNMENT); // there may be no layer
        long bytes = (long) Math.ceilDiv(layout.capacity(), BLOCK) * Long.BYTES;
        table = device.allocate(bytes, GpuMemory.Kind.DEVICE);
        hostTable = device.allocate(bytes, GpuMemory.Kind.UPLOAD);
    }

    private long bytes(int heads, int headLength) {
        return (long) heads * BLOCK * layout.type().format().byteSize(headLength);
    }

    private static long aligned(long at) {
        return Math.ceilDiv(at, ALIGNMENT) * ALIGNMENT;
    }

    KvLayout layout() {
        return layout;
    }

    /// {@return the address of the table of blocks}
    long table() {
        return table.address();
    }

    /// {@return where in a block a layer's keys begin, in bytes}
    long keyOffset(int layer) {
        return keyOffsets[layer];
    }

    /// {@return where in a block a layer's values begin, in bytes}
    long valueOffset(int layer) {
        return valueOffsets[layer];
    }

    /// Makes room for positions up to `end - 1`.
    ///
    /// @throws dev.jinrai.backend.DeviceException if the device has no memory for them; what is stored stays
    void reserve(int end) {
        while (blocks.size() * BLOCK < end) {
            GpuMemory block = device.allocate(blockBytes, GpuMemory.Kind.DEVICE);
            hostTable.host().setAtIndex(JAVA_LONG, blocks.size(), block.address());
            blocks.add(block);
        }
        if (shown < blocks.size()) {
            show();
        }
    }

    /// Brings the table to the device: kernels that wait for each other read it too often to fetch it from the host each time.
    private void show() {
        GpuRecorder recorder = device.record();
        recorder.barrier();
        recorder.copy(hostTable, 0, table, 0, (long) blocks.size() * Long.BYTES);
        recorder.barrier();
        try (GpuStep step = recorder.end()) {
            device.submit(step);
            device.await();
        }
        shown = blocks.size();
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public int capacity() {
        return layout.capacity();
    }

    @Override
    public void advance(int positions) {
        length += positions;
    }

    @Override
    public void truncate(int newLength) {
        length = newLength;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        device.await();
        blocks.forEach(GpuMemory::close);
        blocks.clear();
        table.close();
        hostTable.close();
    }
}
