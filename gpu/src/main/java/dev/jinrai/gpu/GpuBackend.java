package dev.jinrai.gpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.jinrai.backend.Activation;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendException;
import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Heads;
import dev.jinrai.backend.KvCache;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.Rope;
import dev.jinrai.backend.Routing;
import dev.jinrai.backend.Shapes;
import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.Weight;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The transformer's verbs on a GPU: weights, keys, values and activations stay there.
///
/// A verb only records a dispatch ([Recording]); [#read] and the end of a pass send what is recorded. A pass of a shape that was
/// recorded before is sent again as it is ([Passes]). Weights are [ModelMemory]'s, bytes to and from the host [Transfers]'.
public final class GpuBackend implements Backend {
    /// Tokens up to which a product reads the weights once for all, row by row.
    private static final int FEW_TOKENS = 8;

    /// Rows of a matrix that a workgroup of `matvec` multiplies.
    private static final int ROWS = 4;

    /// Columns that an invocation of `matvec` decodes at a time, and the most invocations that share a row.
    private static final int RUN = 16;

    private static final int MOST_LANES = 128;

    /// Rows and tokens of a tile of `matmul`.
    private static final int TILE = 64;

    /// Invocations of a workgroup of an element-wise kernel.
    private static final int GROUP = 256;

    /// Tokens of a prompt's pass by matrices of halves.
    private static final int MATRICES_PASS = 512;

    /// Most workgroups along one side that every driver takes; kernels that may need more stride over their work.
    static final int MOST_GROUPS = 65535;

    private final String name;
    private final GpuDevice device;
    private final Holdings holdings;
    private final Recording recording;
    private final Transfers transfers;
    private final ModelMemory model;
    private final Answers answers;
    private final Passes passes;
    private final Selection selection;

    /// All keys, and all values: what [Hazards] calls the caches.
    private final Object keys = new Object();

    private final Object values = new Object();

    private boolean closed;

    /// What makes few commands of a pass of one token, if the device multiplies packed bytes.
    private final @Nullable Fusion fusion;

    /// What multiplies prompts with matrices of halves, if the device has them.
    private final @Nullable MatrixProducts matrices;

    private final MatrixAttention promptAttention;

    private final int exactHalves;

    /// @param name the name a user selected it by
    /// @param device is closed with this backend
    public GpuBackend(String name, GpuDevice device) {
        this(name, device, device.info().dots(), device.info().matrices());
    }

    /// @param dots whether to multiply with packed dot products
    /// @param matrices whether to multiply prompts with matrices of halves
    GpuBackend(String name, GpuDevice device, boolean dots, boolean matrices) {
        this.name = name;
        this.device = device;
        holdings = new Holdings(device);
        recording = new Recording(device, this);
        transfers = new Transfers(device, holdings, recording);
        model = new ModelMemory(device, holdings, recording, transfers);
        answers = new Answers(holdings);
        recording.onBegin(() -> answers.current(null));
        passes = new Passes(device, recording, answers);
        selection = new Selection(this);
        boolean exact = exactHalves();
        exactHalves = exact ? 1 : 0;
        this.matrices = matrices ? new MatrixProducts(this, exact) : null;
        promptAttention = new MatrixAttention(this);
        if (this.matrices != null) {
            recording.onBegin(this.matrices::clear);
        }
        fusion = dots ? new Fusion(this, device.info(), exact) : null;
    }

    /// {@return whether the device's own conversion of halves is exact: some flush small ones to zero}
    private boolean exactHalves() {
        GpuMemory wrong = transfers.zeros(Integer.BYTES);
        start().add(wrong.address());
        dispatch(kernel("exactHalves"), 1, 1);
        return transfers.fetch(wrong, Integer.BYTES).get(JAVA_INT, 0) == 0;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String device() {
        GpuInfo info = device.info();
        return "%s, %s".formatted(info.name(), info.api());
    }

    @Override
    public boolean software() {
        return device.info().software();
    }

    @Override
    public int threads() {
        return 1;
    }

    /// Matrices of halves want tiles of many tokens for each of many cores.
    @Override
    public int longestPass() {
        return matrices == null ? Backend.super.longestPass() : MATRICES_PASS;
    }

    // ---- memory

    @Override
    public OptionalLong deviceMemory() {
        return OptionalLong.of(device.info().free());
    }

    @Override
    public KvLayout onHeap(KvLayout layout) {
        return new KvLayout(List.of(), layout.capacity(), layout.type());
    }

    @Override
    public Weight upload(Tensor tensor) {
        return model.upload(tensor, fusion != null);
    }

    @Override
    public long resident(Weight weight) {
        return 0; // nothing of the host's memory
    }

    @Override
    public Buffer allocate(int rows, int columns) {
        passes.forget();
        return new GpuBuffer(
                zeros(Math.max(1, (long) rows * columns) * Float.BYTES), rows, columns);
    }

    @Override
    public void free(Buffer buffer) {
        free(((GpuBuffer) buffer).memory());
    }

    @Override
    public void free(Routing routing) {
        free(((GpuRouting) routing).ids());
        free(routing.weights());
    }

    private void free(GpuMemory memory) {
        recording.finish();
        passes.forget();
        answers.forget(memory);
        selection.forget(memory);
        close(fusion == null ? null : fusion.forget(memory));
        if (matrices != null) {
            matrices.forget(memory);
        }
        close(memory);
    }

    @Override
    public KvCache allocate(KvLayout layout) {
        return new GpuKvCache(device, layout);
    }

    @Override
    public Routing allocateRouting(int rows, int used) {
        GpuBuffer weights = (GpuBuffer) allocate(rows, used);
        GpuBuffer ids = (GpuBuffer) allocate(rows, used);
        return new GpuRouting(ids.memory(), weights);
    }

    @Override
    public void write(Buffer dst, float[] values) {
        GpuBuffer buffer = (GpuBuffer) dst;
        int count = buffer.rows() * buffer.columns();
        transfers.bring(MemorySegment.ofArray(values).asSlice(0, 4L * count), buffer.memory());
    }

    @Override
    public void read(Buffer src, float[] values, int at) {
        GpuBuffer buffer = (GpuBuffer) src;
        MemorySegment.copy(
                host(buffer), JAVA_FLOAT, 0, values, at, buffer.rows() * buffer.columns());
    }

    /// {@return what `buffer` has, where the host sees it}
    private MemorySegment host(GpuBuffer buffer) {
        if (recording.isEmpty() && answers.has(buffer)) {
            recording.finish();
            return answers.of(buffer);
        }
        return transfers.fetch(buffer.memory(), buffer.bytes());
    }

    @Override
    public void readIds(Routing src, int[] ids) {
        int count = src.rows() * src.used();
        MemorySegment host =
                transfers.fetch(((GpuRouting) src).ids(), (long) count * Integer.BYTES);
        MemorySegment.copy(host, JAVA_INT, 0, ids, 0, count);
    }

    @Override
    public void writeIds(Routing dst, int[] ids) {
        int count = dst.rows() * dst.used();
        transfers.bring(
                MemorySegment.ofArray(ids).asSlice(0, 4L * count), ((GpuRouting) dst).ids());
    }

    @Override
    public void pass(Batch next, Runnable verbs) {
        passes.run(next, verbs, fusion);
    }

    // ---- what Fusion and its parts record with

    /// Takes memory of the device until this backend is closed.
    GpuMemory take(long bytes, GpuMemory.Kind kind) {
        return holdings.take(bytes, kind);
    }

    GpuMemory zeros(long bytes) {
        return transfers.zeros(bytes);
    }

    /// Gives memory back before this backend is closed.
    void close(@Nullable GpuMemory memory) {
        holdings.close(memory);
    }

    Arguments start() {
        return recording.start();
    }

    Hazards hazards() {
        return recording.hazards();
    }

    GpuKernel kernel(String kernel, int... constants) {
        return device.kernel(kernel, constants);
    }

    void dispatch(GpuKernel kernel, int x, int y) {
        recording.dispatch(kernel, x, y);
    }

    BatchMemory batchMemory() {
        return passes.batchMemory();
    }

    /// {@return all keys of all caches, for [#hazards]}
    Object keys() {
        return keys;
    }

    Object values() {
        return values;
    }

    GpuMemory frequencies(Rope rope) {
        return model.frequencies(rope);
    }

    /// {@return where the values of a vector lie as f32}
    long vector(Weight weight) {
        return model.vector(weight);
    }

    /// {@return where [CodedFormats#codebooks] lie, 0 if no weight needs them}
    long codebooks() {
        return model.codebooks();
    }

    /// {@return memory that the host sees, for what `buffer` has at the end of this pass}
    GpuMemory mirror(GpuBuffer buffer) {
        return answers.mirror(buffer);
    }

    static GpuMemory memory(Buffer buffer) {
        return ((GpuBuffer) buffer).memory();
    }

    GpuBuffer in(Buffer buffer) {
        GpuBuffer b = (GpuBuffer) buffer;
        hazards().reads(b.memory());
        return b;
    }

    GpuBuffer out(Buffer buffer) {
        GpuBuffer b = (GpuBuffer) buffer;
        hazards().writes(b.memory());
        if (matrices != null) {
            matrices.written(b.memory());
        }
        return b;
    }

    // ---- verbs

    @Override
    public void embed(Buffer out, Weight table, Batch batch) {
        assert Shapes.embed(out, table, batch);
        if (recording.waits(new Verb.Embed(out, table, batch))) {
            return;
        }
        passes.turnTo(batch);
        GpuWeight w = (GpuWeight) table;
        start().add(out(out))
                .add(w.memory().address())
                .add(batchMemory().tokens())
                .add(w.columns())
                .add(w.rows())
                .add(codebooks());
        dispatch(kernel(w.kernel("embed"), w.format()), batch.size(), 1);
    }

    @Override
    public void matmul(Buffer out, Weight weight, Buffer x) {
        assert Shapes.matmul(out, weight, x);
        if (recording.waits(new Verb.Matmul(out, weight, x))) {
            return;
        }
        GpuWeight w = (GpuWeight) weight;
        int tokens = x.rows();
        if (tokens > FEW_TOKENS && matrices != null && MatrixProducts.fits(w)) {
            matrices.multiply(out, w, x);
            recording.result((GpuBuffer) out);
            return;
        }
        start().add(out(out))
                .add(w.memory().address())
                .add(in(x))
                .add(w.rows())
                .add(w.columns())
                .add(tokens)
                .add(0)
                .add(codebooks());
        if (tokens <= FEW_TOKENS) {
            dispatch(
                    kernel(
                            w.kernel("matvec"),
                            w.format(),
                            ROWS,
                            tokens == 1 ? 1 : FEW_TOKENS,
                            lanes(w)),
                    Math.min(MOST_GROUPS, Math.ceilDiv(w.rows(), ROWS)),
                    1);
        } else {
            dispatch(
                    kernel(w.kernel("matmul"), w.format()),
                    Math.ceilDiv(w.rows(), TILE),
                    Math.ceilDiv(tokens, TILE));
        }
        recording.result((GpuBuffer) out);
    }

    /// Invocations that share a row in `matvec`: one for each sixteen columns as far as that fills subgroups. What more of them
    /// would do is wait, which on a program that plays a GPU takes as long as work.
    private int lanes(GpuWeight weight) {
        int runs = Math.max(1, Math.ceilDiv(weight.columns(), RUN));
        int least = Math.clamp(Integer.highestOneBit(device.info().subgroup()), 16, MOST_LANES);
        return Math.clamp(Integer.highestOneBit(2 * runs - 1), least, MOST_LANES);
    }

    @Override
    public void rmsNorm(Buffer out, Buffer x, Weight weight, float epsilon) {
        assert Shapes.rmsNorm(out, x, weight);
        if (recording.waits(new Verb.RmsNorm(out, x, weight, epsilon))) {
            return;
        }
        start().add(out(out)).add(in(x)).add(vector(weight)).add(x.columns()).add(epsilon);
        dispatch(kernel("rmsNorm"), x.rows(), 1);
    }

    @Override
    public void addRmsNorm(Buffer out, Buffer x, Buffer y, Weight weight, float epsilon) {
        if (recording.waits(new Verb.Add(x, y))) {
            rmsNorm(out, x, weight, epsilon);
            return;
        }
        in(x);
        start().add(out(out))
                .add(out(x))
                .add(in(y))
                .add(vector(weight))
                .add(x.columns())
                .add(epsilon);
        dispatch(kernel("addRmsNorm"), x.rows(), 1);
    }

    @Override
    public void rope(Buffer x, int headLength, Rope rope, Batch batch) {
        assert Shapes.rope(x, headLength, rope, batch);
        if (recording.waits(new Verb.Rotate(x, headLength, rope, batch))) {
            return;
        }
        passes.turnTo(batch);
        in(x);
        int heads = x.columns() / headLength;
        start().add(out(x))
                .add(batchMemory().positions())
                .add(frequencies(rope).address())
                .add(heads)
                .add(headLength)
                .add(rope.pairs())
                .add(rope.pairing() == Rope.Pairing.HALVES ? 1 : 0)
                .add(rope.magnitude());
        dispatch(kernel("rope"), x.rows(), heads);
    }

    @Override
    public void append(Batch batch, int layer, Buffer keys, Buffer values) {
        assert Shapes.append(batch, keys, values);
        if (recording.waits(new Verb.Append(batch, layer, keys, values))) {
            return;
        }
        passes.turnTo(batch);
        Passes.reserve(batch);
        GpuKvCache cache = (GpuKvCache) batch.runs().getFirst().cache();
        var shape = cache.layout().layers().get(layer);
        append(cache, this.keys, keys, cache.keyOffset(layer), shape.kvHeads(), shape.keyLength());
        append(
                cache,
                this.values,
                values,
                cache.valueOffset(layer),
                shape.kvHeads(),
                shape.valueLength());
    }

    private void append(
            GpuKvCache cache, Object store, Buffer src, long offset, int heads, int length) {
        hazards().writes(store);
        start().add(in(src))
                .add(batchMemory().caches())
                .add(batchMemory().positions())
                .add(offset)
                .add(heads)
                .add(length);
        dispatch(kernel("append", type(cache)), src.rows(), heads);
    }

    /// {@return the number by which kernels know how a cache stores}
    private static int type(GpuKvCache cache) {
        return cache.layout().type().format().type().id();
    }

    @Override
    public void attention(Buffer out, Buffer q, Batch batch, int layer, Heads heads) {
        assert Shapes.attention(out, q, batch, heads);
        if (recording.waits(new Verb.Attention(out, q, batch, layer, heads))) {
            return;
        }
        passes.turnTo(batch);
        GpuKvCache cache = (GpuKvCache) batch.runs().getFirst().cache();
        hazards().reads(keys);
        hazards().reads(values);
        if (matrices != null && MatrixAttention.fits(batch, cache, heads)) {
            promptAttention.attend(out, q, cache, layer, heads);
            return;
        }
        start().add(out(out))
                .add(in(q))
                .add(batchMemory().caches())
                .add(batchMemory().positions())
                .add(cache.keyOffset(layer))
                .add(cache.valueOffset(layer))
                .add(heads.heads())
                .add(heads.kvHeads())
                .add(heads.keyLength())
                .add(heads.valueLength())
                .add(heads.scale());
        dispatch(kernel("attention", type(cache), exactHalves), heads.heads(), q.rows());
    }

    @Override
    public void add(Buffer x, Buffer y) {
        assert Shapes.same(x, y);
        if (recording.waits(new Verb.Add(x, y))) {
            return;
        }
        elementWise("add", x, y);
    }

    @Override
    public void multiply(Buffer x, Buffer y) {
        assert Shapes.same(x, y);
        if (recording.waits(new Verb.Other(List.of(x, y), List.of(x), b -> b.multiply(x, y)))) {
            return;
        }
        elementWise("multiply", x, y);
    }

    private void elementWise(String kernel, Buffer x, Buffer y) {
        in(x);
        int n = x.rows() * x.columns();
        start().add(out(x)).add(in(y)).add(n);
        dispatch(kernel(kernel), Math.min(MOST_GROUPS, Math.ceilDiv(n, GROUP)), 1);
    }

    @Override
    public void activate(Buffer x, Activation f) {
        if (recording.waits(new Verb.Other(List.of(x), List.of(x), b -> b.activate(x, f)))) {
            return;
        }
        in(x);
        int n = x.rows() * x.columns();
        start().add(out(x)).add(n);
        dispatch(kernel("activate", number(f)), Math.min(MOST_GROUPS, Math.ceilDiv(n, GROUP)), 1);
    }

    /// {@return the number by which kernels know an activation}
    static int number(Activation f) {
        return switch (f) {
            case SILU -> 0;
        };
    }

    @Override
    public void gate(Buffer gate, Activation f, Buffer up) {
        assert Shapes.same(gate, up);
        if (recording.waits(new Verb.Gate(gate, f, up))) {
            return;
        }
        in(gate);
        int n = gate.rows() * gate.columns();
        start().add(out(gate)).add(in(up)).add(n);
        dispatch(kernel("gate", number(f)), Math.min(MOST_GROUPS, Math.ceilDiv(n, GROUP)), 1);
    }

    @Override
    public void select(Buffer out, Buffer x, Batch batch) {
        assert Shapes.select(out, x, batch);
        if (recording.waits(new Verb.Select(out, x, batch))) {
            return;
        }
        passes.turnTo(batch);
        start().add(out(out)).add(in(x)).add(batchMemory().outputs()).add(x.columns());
        dispatch(kernel("select"), batch.outputs(), 1);
    }

    @Override
    public void softmax(Buffer x) {
        if (recording.waits(new Verb.Other(List.of(x), List.of(x), b -> b.softmax(x)))) {
            return;
        }
        in(x);
        start().add(out(x)).add(x.columns());
        dispatch(kernel("softmax"), x.rows(), 1);
    }

    @Override
    public void largest(Buffer out, Buffer x, int columns) {
        assert Shapes.largest(out, x, columns);
        if (recording.waits(
                new Verb.Other(List.of(x), List.of(out), b -> b.largest(out, x, columns)))) {
            return;
        }
        selection.largest(out, x, columns);
        recording.result((GpuBuffer) out);
    }

    // ---- mixtures of experts

    @Override
    public void topK(Routing out, Buffer scores) {
        assert Shapes.topK(out, scores);
        if (recording.waits(
                new Verb.Other(
                        List.of(scores), List.of(out.weights()), b -> b.topK(out, scores)))) {
            return;
        }
        GpuRouting routing = (GpuRouting) out;
        hazards().writes(routing.ids());
        start().add(routing.ids().address())
                .add(out(routing.weights()))
                .add(in(scores))
                .add(scores.columns())
                .add(routing.used());
        dispatch(kernel("topK"), scores.rows(), 1);
    }

    @Override
    public void normalize(Buffer x) {
        if (recording.waits(new Verb.Other(List.of(x), List.of(x), b -> b.normalize(x)))) {
            return;
        }
        in(x);
        start().add(out(x)).add(x.columns());
        dispatch(kernel("normalize"), x.rows(), 1);
    }

    @Override
    public void matmulExperts(Buffer out, Weight weight, Buffer x, Routing routing) {
        assert Shapes.matmulExperts(out, weight, x, routing);
        if (recording.waits(
                new Verb.Other(
                        List.of(x), List.of(out), b -> b.matmulExperts(out, weight, x, routing)))) {
            return;
        }
        GpuWeight w = (GpuWeight) weight;
        GpuRouting chosen = (GpuRouting) routing;
        int rows = chosen.rows() * chosen.used();
        hazards().reads(chosen.ids());
        start().add(out(out))
                .add(w.memory().address())
                .add(in(x))
                .add(chosen.ids().address())
                .add(w.rows())
                .add(w.columns())
                .add(chosen.used())
                .add(x.rows() == rows ? 1 : 0)
                .add(codebooks());
        dispatch(
                kernel(w.kernel("matvecExperts"), w.format(), ROWS, 1, lanes(w)),
                Math.min(MOST_GROUPS, Math.ceilDiv(w.rows(), ROWS)),
                rows);
    }

    @Override
    public void combine(Buffer out, Buffer y, Routing routing) {
        assert Shapes.combine(out, y, routing);
        if (recording.waits(
                new Verb.Other(
                        List.of(y, routing.weights()),
                        List.of(out),
                        b -> b.combine(out, y, routing)))) {
            return;
        }
        start().add(out(out))
                .add(in(y))
                .add(in(routing.weights()))
                .add(y.columns())
                .add(routing.used());
        dispatch(kernel("combine"), out.rows(), 1);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            recording.finish();
            passes.forget();
        } catch (BackendException e) {
            // A device that was lost has said so to whoever used it; what is left is to give it
            // back.
            passes.closeSteps();
        }
        holdings.close();
        transfers.close();
        passes.close();
        device.close();
    }
}
