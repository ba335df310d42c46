package dev.jinrai.backend;

/// Chosen experts in Java arrays: the routing of the backends that run on the CPU.
///
/// Expert `k` of token `t` is `ids()[t · used + k]`.
public final class HeapRouting implements Routing {
    private final int[] ids;
    private final HeapBuffer weights;
    private HeapRouting view = this; // the last one, as in HeapBuffer

    public HeapRouting(int rows, int used) {
        this(new int[rows * used], new HeapBuffer(rows, used));
    }

    private HeapRouting(int[] ids, HeapBuffer weights) {
        this.ids = ids;
        this.weights = weights;
    }

    /// {@return the chosen experts themselves, not a copy}
    public static int[] ids(Routing routing) {
        return ((HeapRouting) routing).ids;
    }

    @Override
    public int rows() {
        return weights.rows();
    }

    @Override
    public int used() {
        return weights.columns();
    }

    @Override
    public Buffer weights() {
        return weights;
    }

    @Override
    public HeapRouting first(int count) {
        if (view.rows() != count) {
            view = new HeapRouting(ids, weights.first(count));
        }
        return view;
    }
}
