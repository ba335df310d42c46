package dev.jinrai.backend.vector;

import static dev.jinrai.backend.HeapBuffer.data;

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
import dev.jinrai.backend.Shapes;
import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.TensorWeight;
import dev.jinrai.backend.Weight;
import dev.jinrai.backend.scalar.ScalarBackend;
import dev.jinrai.format.BF16;
import dev.jinrai.format.F16;
import dev.jinrai.format.F32;
import dev.jinrai.format.IQ1_M;
import dev.jinrai.format.IQ1_S;
import dev.jinrai.format.IQ2_S;
import dev.jinrai.format.IQ2_XS;
import dev.jinrai.format.IQ2_XXS;
import dev.jinrai.format.IQ3_S;
import dev.jinrai.format.IQ3_XXS;
import dev.jinrai.format.IQ4_NL;
import dev.jinrai.format.IQ4_XS;
import dev.jinrai.format.MXFP4;
import dev.jinrai.format.NVFP4;
import dev.jinrai.format.Q1_0;
import dev.jinrai.format.Q2_0;
import dev.jinrai.format.Q2_K;
import dev.jinrai.format.Q3_K;
import dev.jinrai.format.Q4_0;
import dev.jinrai.format.Q4_1;
import dev.jinrai.format.Q4_K;
import dev.jinrai.format.Q5_0;
import dev.jinrai.format.Q5_1;
import dev.jinrai.format.Q5_K;
import dev.jinrai.format.Q6_K;
import dev.jinrai.format.Q8_0;
import dev.jinrai.format.Q8_K;
import dev.jinrai.format.TQ1_0;
import dev.jinrai.format.TQ2_0;
import java.lang.foreign.Arena;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The CPU backend: SIMD kernels under a pool of threads, and plain ones until those are compiled ([HeadStart]).
///
/// Quantized matrices are laid in panels ([PanelMatrix]), others are used where the file lies in memory
/// ([RowMatrix]). Verbs that SIMD would not speed up are the specification's own, called by name.
final class VectorBackend implements Backend {
    /// Fewest values an element-wise verb hands to a thread.
    private static final int ELEMENTS = 1 << 14;

    private final ScalarBackend specification = new ScalarBackend();
    private final Workers workers;
    private final PlainKernels plain;
    private final GroupedAttention attention;
    private final RopeAngles angles = new RopeAngles();
    private final HeadStart headStart = new HeadStart();
    private final WarmUp warmUp;
    private boolean prepared;
    private @Nullable VectorKernels vectors;

    /// Whether the pass at hand is one of the head start.
    private boolean ahead;

    /// Holds the panels.
    private final Arena arena = Arena.ofShared();

    private int[] identity = {};
    private int[] from = {};
    private int[] to = {};
    private float[] norm = {};

    VectorBackend(int threads) {
        this(threads, new WarmUp());
    }

    VectorBackend(int threads, WarmUp warmUp) {
        this.warmUp = warmUp;
        workers = new Workers(threads);
        plain = new PlainKernels(workers);
        attention = new GroupedAttention(workers);
    }

    /// {@return what a user reads about the machine's registers}
    static String registers() {
        return "%d-bit vectors".formatted(Registers.BITS);
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
    public int threads() {
        return workers.count();
    }

    @Override
    public Weight upload(Tensor tensor) {
        headStart.add(tensor);
        warmUp.add(tensor);
        return weight(tensor, arena);
    }

    /// {@return what products are taken with}
    ///
    /// @param arena holds panels
    static TensorWeight weight(Tensor tensor, Arena arena) {
        return switch (tensor.format()) {
            case F32 _,
                    F16 _,
                    BF16 _,
                    Q8_K _,
                    IQ1_S _,
                    IQ1_M _,
                    IQ2_XXS _,
                    IQ2_XS _,
                    IQ2_S _,
                    IQ3_XXS _,
                    IQ3_S _,
                    TQ1_0 _,
                    TQ2_0 _,
                    NVFP4 _,
                    Q1_0 _,
                    Q2_0 _ ->
                    new RowMatrix(tensor, RowKernel.of(tensor.format()).orElseThrow());
            case Q4_1 _,
                    Q5_0 _,
                    Q5_1 _,
                    Q2_K _,
                    Q3_K _,
                    IQ4_NL _,
                    IQ4_XS _,
                    MXFP4 _,
                    Q4_0 _,
                    Q8_0 _,
                    Q4_K _,
                    Q5_K _,
                    Q6_K _ ->
                    new PanelMatrix(tensor, arena);
        };
    }

    @Override
    public void prepare() {
        prepared = true;
        warmUp();
    }

    /// Starts it unless plain kernels will take the first passes.
    private void warmUp() {
        if (prepared && !headStart.possible()) {
            warmUp.start();
        }
    }

    @Override
    public long resident(Weight weight) {
        return weight instanceof PanelMatrix w ? w.bytes() : 0;
    }

    @Override
    public Buffer allocate(int rows, int columns) {
        return specification.allocate(rows, columns);
    }

    @Override
    public KvCache allocate(KvLayout layout) {
        headStart.add(layout);
        warmUp();
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
    public void pass(Batch batch, Runnable verbs) {
        ahead = headStart.takes(batch);
        try {
            verbs.run();
        } finally {
            ahead = false;
        }
    }

    private Kernels kernels() {
        return ahead ? plain : vectors();
    }

    /// {@return what multiplies with a weight}
    private Kernels kernels(Weight weight) {
        return ahead && headStart.serves(weight) ? plain : vectors();
    }

    private VectorKernels vectors() {
        VectorKernels found = vectors;
        if (found == null) {
            warmUp.close(); // real work on all threads compiles them as fast
            found = new VectorKernels(workers, attention);
            vectors = found;
        }
        return found;
    }

    @Override
    public void writeIds(Routing dst, int[] ids) {
        specification.writeIds(dst, ids);
    }

    @Override
    public void embed(Buffer out, Weight table, Batch batch) {
        assert Shapes.embed(out, table, batch);
        Tensor tensor = ((TensorWeight) table).tensor();
        int n = tensor.columns();
        for (int t = 0; t < batch.size(); t++) {
            tensor.format()
                    .decode(tensor.data(), tensor.offset(0, batch.token(t)), data(out), t * n, n);
        }
    }

    @Override
    public void matmul(Buffer out, Weight weight, Buffer x) {
        assert Shapes.matmul(out, weight, x);
        int[] rows = identity(x.rows());
        kernels(weight).multiply(data(out), rows, weight, 0, data(x), rows, x.rows());
    }

    @Override
    public void matmulExperts(Buffer out, Weight weight, Buffer x, Routing routing) {
        assert Shapes.matmulExperts(out, weight, x, routing);
        int[] ids = HeapRouting.ids(routing);
        int chosen = routing.rows() * routing.used();
        int share = x.rows() == routing.rows() ? routing.used() : 1;
        reserve(chosen);
        for (int expert = 0; expert < weight.slices(); expert++) {
            int count = 0;
            for (int c = 0; c < chosen; c++) {
                if (ids[c] == expert) {
                    from[count] = c / share;
                    to[count++] = c;
                }
            }
            if (count > 0) {
                kernels(weight).multiply(data(out), to, weight, expert, data(x), from, count);
            }
        }
    }

    @Override
    public void rmsNorm(Buffer out, Buffer x, Weight weight, float epsilon) {
        assert Shapes.rmsNorm(out, x, weight);
        int n = x.columns();
        float[] w = norm(weight);
        Kernels kernels = kernels();
        workers.parallel(
                x.rows(),
                Math.max(1, ELEMENTS / n),
                (from, to, worker) -> {
                    for (int t = from; t < to; t++) {
                        kernels.rmsNorm(data(out), data(x), t * n, n, w, epsilon, worker);
                    }
                });
    }

    @Override
    public void rope(Buffer x, int headLength, Rope rope, Batch batch) {
        assert Shapes.rope(x, headLength, rope, batch);
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
        assert Shapes.append(batch, keys, values);
        attention.append(batch, layer, keys, values);
    }

    @Override
    public void attention(Buffer out, Buffer q, Batch batch, int layer, Heads heads) {
        assert Shapes.attention(out, q, batch, heads);
        kernels().attention(out, q, batch, layer, heads);
    }

    @Override
    public void add(Buffer x, Buffer y) {
        assert Shapes.same(x, y);
        Kernels kernels = kernels();
        elements(x, (from, to, worker) -> kernels.add(data(x), data(y), from, to));
    }

    @Override
    public void multiply(Buffer x, Buffer y) {
        assert Shapes.same(x, y);
        Kernels kernels = kernels();
        elements(x, (from, to, worker) -> kernels.multiply(data(x), data(y), from, to));
    }

    @Override
    public void activate(Buffer x, Activation f) {
        Kernels kernels = kernels();
        switch (f) {
            case SILU -> elements(x, (from, to, worker) -> kernels.silu(data(x), from, to));
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
        assert Shapes.combine(out, y, routing);
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
        headStart.close();
        warmUp.close();
        workers.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    /// {@return `0, 1, 2 …`, at least `count` of them}
    private int[] identity(int count) {
        if (identity.length < count) {
            identity = new int[count];
            Arrays.setAll(identity, i -> i);
        }
        return identity;
    }

    private void reserve(int count) {
        if (from.length < count) {
            from = new int[count];
            to = new int[count];
        }
    }

    /// {@return a norm's weights, which the next call overwrites}
    private float[] norm(Weight weight) {
        Tensor tensor = ((TensorWeight) weight).tensor();
        if (norm.length < tensor.columns()) {
            norm = new float[tensor.columns()];
        }
        tensor.format().decode(tensor.data(), 0, norm, 0, tensor.columns());
        return norm;
    }

    private void elements(Buffer x, Workers.Task task) {
        workers.parallel(x.rows() * x.columns(), ELEMENTS, task);
    }
}
