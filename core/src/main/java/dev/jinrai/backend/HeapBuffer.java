package dev.jinrai.backend;

/// Activations in a Java array: the buffers of the backends that run on the CPU.
///
/// Element `(t, c)` is `data()[t · columns + c]`. The view made last is kept: passes of one shape, such as
/// the steps of an answer, use the same handles and allocate none.
public final class HeapBuffer implements Buffer {
    private final float[] data;
    private final int rows;
    private final int columns;
    private HeapBuffer view = this;

    public HeapBuffer(int rows, int columns) {
        this(new float[Math.multiplyExact(rows, columns)], rows, columns);
    }

    private HeapBuffer(float[] data, int rows, int columns) {
        this.data = data;
        this.rows = rows;
        this.columns = columns;
    }

    /// {@return the values themselves, not a copy}
    public static float[] data(Buffer buffer) {
        return ((HeapBuffer) buffer).data;
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
    public HeapBuffer first(int count) {
        if (count > data.length / columns) {
            throw new IllegalArgumentException("wanted " + count + " rows of " + rows);
        }
        if (view.rows != count) {
            view = new HeapBuffer(data, count, columns);
        }
        return view;
    }
}
