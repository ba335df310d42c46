package dev.jinrai.backend.vector;

import static dev.jinrai.backend.HeapBuffer.data;
import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;

import dev.jinrai.backend.Activation;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Heads;
import dev.jinrai.backend.HeapRouting;
import dev.jinrai.backend.KvCache;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.Rope;
import dev.jinrai.backend.Routing;
import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.Weight;
import dev.jinrai.backend.scalar.ScalarBackend;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// The CPU backend: SIMD kernels under a pool of threads, weights used where the file lies in memory.
///
/// With one token, rows are multiplied as they lie in the file; with more, each is decoded once to f32
/// and multiplied with all of them. Verbs that SIMD would not speed up are the specification's own,
/// called by name.
final class VectorBackend implements Backend {
    /// Fewest values an element-wise verb hands to a thread.
    private static final int ELEMENTS = 1 << 14;

    private final ScalarBackend specification = new ScalarBackend();
    private final Workers workers;
    private final Scratch[] scratch;
    private final GroupedAttention attention;
    private final RopeAngles angles = new RopeAngles();

    VectorBackend(int threads) {
        workers = new Workers(threads);
        scratch = new Scratch[threads];
        Arrays.setAll(scratch, i -> new Scratch());
        attention = new GroupedAttention(workers);
    }

    /// {@return what a user reads about the machine's registers}
    static String registers() {
        return "%d-bit vectors".formatted(FLOATS.vectorBitSize());
    }

    /// {@return the width of the machine's registers, in bits; the kernels need 128}
    static int registerBits() {
        return FloatVector.SPECIES_PREFERRED.vectorBitSize();
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public String device() {
        return "%s, %d thread%s"
                .formatted(registers(), workers.count(), workers.count() == 1 ? "" : "s");
    }

    @Override
    public Weight upload(Tensor tensor) {
        return new VectorWeight(tensor, RowKernel.of(tensor.format()));
    }

    @Override
    public Buffer allocate(int rows, int columns) {
        return specification.allocate(rows, columns);
    }

    @Override
    public KvCache allocate(KvLayout layout) {
        return new BlockedKvCache(layout);
    }

    @Override
    public Routing allocateRouting(int rows, int used) {
        return specification.allocateRouting(rows, used);
    }

    @Override
    public void write(Buffer dst, float[] values) {
        specification.write(dst, values);
    }

    @Override
    public void read(Buffer src, float[] values, int at) {
        specification.read(src, values, at);
    }

    @Override
    public void readIds(Routing src, int[] ids) {
        specification.readIds(src, ids);
    }

    @Override
    public void embed(Buffer out, Weight table, Batch batch) {
        float[] row = scratch[0].row(0, table.columns());
        for (int t = 0; t < batch.size(); t++) {
            ((VectorWeight) table).decode(0, batch.token(t), scratch[0], 0);
            System.arraycopy(row, 0, data(out), t * table.columns(), table.columns());
        }
    }

    @Override
    public void matmul(Buffer out, Weight weight, Buffer x) {
        var w = (VectorWeight) weight;
        if (x.rows() == 1) {
            multiplyOne(data(out), w, data(x));
            return;
        }
        workers.parallel(
                w.rows(),
                Math.max(Scratch.PANEL, grain(w, x.rows())),
                (from, to, worker) -> {
                    for (int r = from; r < to; r += Scratch.PANEL) {
                        int rows = Math.min(Scratch.PANEL, to - r);
                        for (int i = 0; i < rows; i++) {
                            w.decode(0, r + i, scratch[worker], i);
                        }
                        multiply(out, r, rows, scratch[worker], x);
                    }
                });
    }

    /// The product with one token: each row is multiplied as it lies in memory.
    private void multiplyOne(float[] out, VectorWeight w, float[] x) {
        int n = w.columns();
        float[] sums = scratch[0].sums(n);
        Dot.sums(x, n, sums, scratch[0].lanes);
        workers.parallel(
                w.rows(),
                grain(w, 1),
                (from, to, worker) -> {
                    float[] scales = scratch[worker].scales(RowKernel.scratch(n));
                    for (int r = from; r < to; r++) {
                        out[r] = w.dot(r, x, sums, scales);
                    }
                });
    }

    /// Columns `r … r + rows - 1` of `out`: the decoded rows times every token of `x`. Four tokens stay
    /// in the first cache while all rows pass, and are multiplied with two rows at a time, so that six
    /// loads feed eight multiplications.
    private static void multiply(Buffer out, int r, int rows, Scratch scratch, Buffer x) {
        int n = x.columns();
        int stride = out.columns();
        float[] to = data(out);
        float[] lanes = scratch.lanes;
        int t = 0;
        for (; t <= x.rows() - 4; t += 4) {
            int i = 0;
            for (; i <= rows - 2; i += 2) {
                Dot.dot2x4(
                        scratch.row(i, n),
                        scratch.row(i + 1, n),
                        data(x),
                        t * n,
                        n,
                        to,
                        t * stride + r + i,
                        stride,
                        lanes);
            }
            if (i < rows) {
                Dot.dot4(
                        scratch.row(i, n),
                        data(x),
                        t * n,
                        n,
                        to,
                        t * stride + r + i,
                        stride,
                        lanes);
            }
        }
        for (; t < x.rows(); t++) {
            for (int i = 0; i < rows; i++) {
                to[t * stride + r + i] = Dot.dot(scratch.row(i, n), 0, data(x), t * n, n, lanes);
            }
        }
    }

    @Override
    public void matmulExperts(Buffer out, Weight weight, Buffer x, Routing routing) {
        var w = (VectorWeight) weight;
        int[] ids = HeapRouting.ids(routing);
        int chosen = routing.rows() * routing.used();
        int share = x.rows() == routing.rows() ? routing.used() : 1;
        int n = w.columns();
        // Item i is row i % R of expert i / R, decoded once for all the tokens routed to it.
        workers.parallel(
                w.slices() * w.rows(),
                grain(w, 1),
                (from, to, worker) -> {
                    float[] row = scratch[worker].row(0, n);
                    for (int i = from; i < to; i++) {
                        int r = i % w.rows();
                        boolean decoded = false;
                        for (int c = 0; c < chosen; c++) {
                            if (ids[c] != i / w.rows()) {
                                continue;
                            }
                            if (!decoded) {
                                w.decode(i / w.rows(), r, scratch[worker], 0);
                                decoded = true;
                            }
                            data(out)[c * w.rows() + r] =
                                    Dot.dot(
                                            row,
                                            0,
                                            data(x),
                                            c / share * n,
                                            n,
                                            scratch[worker].lanes);
                        }
                    }
                });
    }

    @Override
    public void rmsNorm(Buffer out, Buffer x, Weight weight, float epsilon) {
        int n = x.columns();
        // Thread 0's row serves all threads here: nothing else decodes meanwhile.
        float[] w = scratch[0].row(0, n);
        ((VectorWeight) weight).decode(0, 0, scratch[0], 0);
        workers.parallel(
                x.rows(),
                Math.max(1, ELEMENTS / n),
                (from, to, worker) -> {
                    for (int t = from; t < to; t++) {
                        float squares =
                                Dot.dot(data(x), t * n, data(x), t * n, n, scratch[worker].lanes);
                        float scale = (float) (1 / Math.sqrt((double) squares / n + epsilon));
                        scaleBy(data(out), data(x), t * n, scale, w, n);
                    }
                });
    }

    /// `out[at + i] = x[at + i] · scale · w[i]`
    private static void scaleBy(float[] out, float[] x, int at, float scale, float[] w, int n) {
        int i = 0;
        for (; i <= n - COUNT; i += COUNT) {
            load(x, at + i).mul(scale).mul(load(w, i)).intoArray(out, at + i);
        }
        for (; i < n; i++) {
            out[at + i] = x[at + i] * scale * w[i];
        }
    }

    @Override
    public void rope(Buffer x, int headLength, Rope rope, Batch batch) {
        float[] turns = angles.of(rope, batch);
        workers.parallel(
                x.rows(),
                Math.max(1, ELEMENTS / x.columns()),
                (from, to, worker) -> {
                    for (int t = from; t < to; t++) {
                        RopeKernel.turn(
                                data(x),
                                t * x.columns(),
                                x.columns(),
                                headLength,
                                rope,
                                turns,
                                2 * t * rope.pairs());
                    }
                });
    }

    @Override
    public void append(Batch batch, int layer, Buffer keys, Buffer values) {
        attention.append(batch, layer, keys, values);
    }

    @Override
    public void attention(Buffer out, Buffer q, Batch batch, int layer, Heads heads) {
        attention.run(out, q, batch, layer, heads);
    }

    @Override
    public void add(Buffer x, Buffer y) {
        float[] a = data(x);
        float[] b = data(y);
        elements(
                x,
                (from, to, worker) -> {
                    int i = from;
                    for (; i <= to - COUNT; i += COUNT) {
                        load(a, i).add(load(b, i)).intoArray(a, i);
                    }
                    for (; i < to; i++) {
                        a[i] += b[i];
                    }
                });
    }

    @Override
    public void multiply(Buffer x, Buffer y) {
        float[] a = data(x);
        float[] b = data(y);
        elements(
                x,
                (from, to, worker) -> {
                    int i = from;
                    for (; i <= to - COUNT; i += COUNT) {
                        load(a, i).mul(load(b, i)).intoArray(a, i);
                    }
                    for (; i < to; i++) {
                        a[i] *= b[i];
                    }
                });
    }

    @Override
    public void activate(Buffer x, Activation f) {
        float[] a = data(x);
        switch (f) {
            case SILU ->
                    elements(
                            x,
                            (from, to, worker) -> {
                                int i = from;
                                for (; i <= to - COUNT; i += COUNT) {
                                    FloatVector v = load(a, i);
                                    v.div(Exp.exp(v.neg()).add(1)).intoArray(a, i);
                                }
                                for (; i < to; i++) {
                                    a[i] /= Exp.exp(-a[i]) + 1;
                                }
                            });
        }
    }

    @Override
    public void select(Buffer out, Buffer x, Batch batch) {
        specification.select(out, x, batch);
    }

    @Override
    public void softmax(Buffer x) {
        specification.softmax(x);
    }

    @Override
    public void topK(Routing out, Buffer scores) {
        specification.topK(out, scores);
    }

    @Override
    public void normalize(Buffer x) {
        specification.normalize(x);
    }

    @Override
    public void combine(Buffer out, Buffer y, Routing routing) {
        int n = out.columns();
        Arrays.fill(data(out), 0, out.rows() * n, 0);
        for (int i = 0; i < routing.rows() * routing.used(); i++) {
            Dot.addScaled(
                    data(out),
                    i / routing.used() * n,
                    data(routing.weights())[i],
                    data(y),
                    i * n,
                    n);
        }
    }

    @Override
    public void close() {
        workers.close();
    }

    private void elements(Buffer x, Workers.Task task) {
        workers.parallel(x.rows() * x.columns(), ELEMENTS, task);
    }

    /// Fewest rows worth handing to a thread: a few microseconds of work.
    private static int grain(VectorWeight w, int tokens) {
        return Math.max(1, ELEMENTS / (w.columns() * Math.max(1, tokens / 4)));
    }

    private static FloatVector load(float[] array, int at) {
        return FloatVector.fromArray(FLOATS, array, at);
    }
}
