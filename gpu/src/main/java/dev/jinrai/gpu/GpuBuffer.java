package dev.jinrai.gpu;

import dev.jinrai.backend.Buffer;

/// Activations on a device, row after row.
final class GpuBuffer implements Buffer {
    private final GpuMemory memory;
    private final int rows;
    private final int columns;
    private GpuBuffer view =
            this; // the last one: passes of one shape ask for the same again and again

    GpuBuffer(GpuMemory memory, int rows, int columns) {
        this.memory = memory;
        this.rows = rows;
        this.columns = columns;
    }

    GpuMemory memory() {
        return memory;
    }

    long address() {
        return memory.address();
    }

    /// {@return the size of its values, in bytes}
    long bytes() {
        return (long) rows * columns * Float.BYTES;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int columns() {
        return columns;
    }

    @Override
    public GpuBuffer first(int count) {
        if (view.rows != count) {
            view = new GpuBuffer(memory, count, columns);
        }
        return view;
    }
}
