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
import dev.jinrai.format.BF16;
import dev.jinrai.format.F16;
import dev.jinrai.format.F32;
import dev.jinrai.format.Format;
import dev.jinrai.format.Q4_0;
import dev.jinrai.format.Q4_K;
import dev.jinrai.format.Q5_K;
import dev.jinrai.format.Q6_K;
import dev.jinrai.format.Q8_0;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The transformer's verbs on a GPU: weights, keys, values and activations stay there.
///
/// A verb only records a dispatch; [#read] and the end of a pass send what is recorded. A pass of a shape that was recorded
/// before is sent again as it is: what differs lies in [BatchMemory] and in the tables of the caches.
public final class GpuBackend implements Backend {
    /// Tokens up to which a product reads the weights once for all, row by row.
    private static final int FEW_TOKENS = 8;

    /// Rows of a matrix that a workgroup of `matvec` multiplies.
    private static final int ROWS = 4;

    /// Rows and tokens of a tile of `matmul`.
    private static final int TILE = 64;

    /// Invocations of a workgroup of an element-wise kernel.
    private static final int GROUP = 256;

    /// Most workgroups along one side that every driver takes; kernels that may need more stride over their work.
    private static final int MOST_GROUPS = 65535;

    private static final long STAGING = 64L << 20;

    /// Most bytes that are brought to the host at the end of a pass.
    private static final long MOST_ANSWER = 16L << 20;

    /// Most recorded steps that are kept: answers are of one shape, prompts end in passes of any size.
    private static final int MOST_STEPS = 8;

    /// What a recorded pass depends on: caches of one layout lie alike.
    private record Shape(int tokens, int outputs, KvLayout layout) {}

    /// A recorded pass.
    ///
    /// @param answer what it brings to the host at its end, if anything
    private record Pass(GpuStep step, @Nullable GpuBuffer answer) {}

    private final String name;
    private final GpuDevice device;
    private final Arguments arguments = new Arguments();
    private final Hazards hazards = new Hazards();
    private final List<GpuMemory> taken = new ArrayList<>();
    private final GpuMemory staging;
    private final IdentityHashMap<Rope, GpuMemory> frequencies = new IdentityHashMap<>();
    private final IdentityHashMap<GpuWeight, GpuMemory> vectors = new IdentityHashMap<>();
    private final Map<Shape, Pass> passes = new HashMap<>();

    /// Where the host sees what the last verb of a pass wrote.
    private final IdentityHashMap<GpuMemory, GpuMemory> mirrors = new IdentityHashMap<>();

    /// All keys, and all values: what [Hazards] calls the caches.
    private final Object keys = new Object();

    private final Object values = new Object();

    private GpuMemory readback;
    private BatchMemory batchMemory;
    private @Nullable Batch batch;

    private @Nullable GpuRecorder recorder;

    /// Whether something was sent that may not be done.
    private boolean busy;

    /// How often recording was cut by a wait: a pass in which it was is not one step.
    private int cuts;

    private boolean closed;

    /// What makes few commands of a pass of one token, if the device multiplies packed bytes.
    private final @Nullable Fusion fusion;

    /// What multiplies prompts with matrices of halves, if the device has them.
    private final @Nullable MatrixProducts matrices;

    private final int exactHalves;

    /// The verbs of such a pass, as far as they were issued.
    private @Nullable List<Verb> waiting;

    /// The last thing recorded is the product that was written here.
    private @Nullable GpuBuffer product;

    /// What the last pass brings to its mirror, until something else is recorded.
    private @Nullable GpuBuffer answer;

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
        staging = take(STAGING, GpuMemory.Kind.UPLOAD);
        readback = device.allocate(1 << 20, GpuMemory.Kind.READBACK);
        batchMemory = new BatchMemory(device, 512);
        boolean exact = exactHalves();
        exactHalves = exact ? 1 : 0;
        this.matrices = matrices ? new MatrixProducts(this, exact) : null;
        fusion = dots ? new Fusion(this, device.info(), exact) : null;
    }

    /// {@return whether the device's own conversion of halves is exact: some flush small ones to zero}
    private boolean exactHalves() {
        GpuMemory wrong = zeros(Integer.BYTES);
        start().add(wrong.address());
        dispatch(kernel("exactHalves"), 1, 1);
        return fetch(wrong, Integer.BYTES).get(JAVA_INT, 0) == 0;
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
        if (fusion != null && hasRepackedRows(tensor.format())) {
            return new GpuWeight(tensor, repacked(tensor), true);
        }
        return new GpuWeight(tensor, shared(tensor).orElseGet(() -> copied(tensor)), false);
    }

    /// {@return the weight where its file lies in memory that host and device share}
    private Optional<GpuMemory> shared(Tensor tensor) {
        Optional<GpuMemory> memory = device.share(tensor.data());
        memory.ifPresent(m -> {
            tensor.data().load(); // now, in order, and not when kernels touch it
            taken.add(m);
        });
        return memory;
    }

    private GpuMemory copied(Tensor tensor) {
        GpuMemory memory = take(tensor.data().byteSize(), GpuMemory.Kind.DEVICE);
        upload(tensor.data(), memory);
        return memory;
    }

    /// {@return whether blocks are not multiples of 16 bytes, in which packed products read}
    private static boolean hasRepackedRows(Format format) {
        return switch (format) {
            case Q4_0 _, Q8_0 _, Q6_K _ -> true;
            case F32 _, F16 _, BF16 _, Q4_K _, Q5_K _ -> false;
        };
    }

    /// {@return the rows as `repack` leaves them}
    private GpuMemory repacked(Tensor tensor) {
        long bytes = tensor.format().byteSize(tensor.columns());
        long pitch = Math.ceilDiv(bytes, 16) * 16;
        int rows = tensor.slices() * tensor.rows();
        GpuMemory memory = take(rows * pitch, GpuMemory.Kind.DEVICE);
        int most = Math.toIntExact(STAGING / bytes);
        finish();
        for (int first = 0; first < rows; first += most) {
            int count = Math.min(most, rows - first);
            staging.host()
                    .asSlice(0, count * bytes)
                    .copyFrom(tensor.data().asSlice(first * bytes, count * bytes));
            start().add(memory.address() + first * pitch)
                    .add(staging.address())
                    .add(count)
                    .add(tensor.columns());
            int format = tensor.format().type().id();
            dispatch(kernel("repack", format), Math.min(MOST_GROUPS, count), 1);
            finish();
        }
        return memory;
    }

    /// Takes memory of the device until this backend is closed.
    GpuMemory take(long bytes, GpuMemory.Kind kind) {
        GpuMemory memory = device.allocate(bytes, kind);
        taken.add(memory);
        return memory;
    }

    private void upload(MemorySegment data, GpuMemory memory) {
        finish();
        for (long at = 0; at < data.byteSize(); at += STAGING) {
            long bytes = Math.min(STAGING, data.byteSize() - at);
            staging.host().asSlice(0, bytes).copyFrom(data.asSlice(at, bytes));
            recorder().copy(staging, 0, memory, at, bytes);
            finish();
        }
    }

    @Override
    public long resident(Weight weight) {
        return 0; // nothing of the host's memory
    }

    @Override
    public Buffer allocate(int rows, int columns) {
        forgetSteps();
        return new GpuBuffer(
                zeros(Math.max(1, (long) rows * columns) * Float.BYTES), rows, columns);
    }

    GpuMemory zeros(long bytes) {
        GpuMemory memory = take(bytes, GpuMemory.Kind.DEVICE);
        finish();
        staging.host().asSlice(0, Math.min(STAGING, bytes)).fill((byte) 0);
        for (long at = 0; at < bytes; at += STAGING) {
            recorder().copy(staging, 0, memory, at, Math.min(STAGING, bytes - at));
        }
        finish();
        return memory;
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
        finish();
        forgetSteps();
        close(mirrors.remove(memory));
        close(fusion == null ? null : fusion.forget(memory));
        if (matrices != null) {
            matrices.forget(memory);
        }
        close(memory);
    }

    /// Gives memory back before this backend is closed.
    void close(@Nullable GpuMemory memory) {
        if (memory != null) {
            taken.remove(memory);
            memory.close();
        }
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
        finish();
        for (int at = 0; at < count; at += (int) (STAGING / Float.BYTES)) {
            int n = Math.min((int) (STAGING / Float.BYTES), count - at);
            MemorySegment.copy(values, at, staging.host(), JAVA_FLOAT, 0, n);
            recorder()
                    .copy(
                            staging,
                            0,
                            buffer.memory(),
                            (long) at * Float.BYTES,
                            (long) n * Float.BYTES);
            finish();
        }
    }

    @Override
    public void read(Buffer src, float[] values, int at) {
        GpuBuffer buffer = (GpuBuffer) src;
        MemorySegment host =
                isAnswer(buffer) ? mirrored(buffer) : fetch(buffer.memory(), buffer.bytes());
        MemorySegment.copy(host, JAVA_FLOAT, 0, values, at, buffer.rows() * buffer.columns());
    }

    private boolean isAnswer(GpuBuffer buffer) {
        return answer != null
                && answer.memory().equals(buffer.memory())
                && answer.bytes() >= buffer.bytes()
                && recorder == null
                && waiting == null;
    }

    @Override
    public void readIds(Routing src, int[] ids) {
        int count = src.rows() * src.used();
        MemorySegment host = fetch(((GpuRouting) src).ids(), (long) count * Integer.BYTES);
        MemorySegment.copy(host, JAVA_INT, 0, ids, 0, count);
    }

    @Override
    public void writeIds(Routing dst, int[] ids) {
        int count = dst.rows() * dst.used();
        finish();
        MemorySegment.copy(ids, 0, staging.host(), JAVA_INT, 0, count);
        recorder().copy(staging, 0, ((GpuRouting) dst).ids(), 0, (long) count * Integer.BYTES);
        finish();
    }

    /// {@return what the last pass brought of `buffer`}
    private MemorySegment mirrored(GpuBuffer buffer) {
        finish();
        return Objects.requireNonNull(mirrors.get(buffer.memory()))
                .host()
                .asSlice(0, buffer.bytes());
    }

    /// {@return memory that the host sees, for what `buffer` has at the end of this pass}
    GpuMemory mirror(GpuBuffer buffer) {
        GpuMemory mirror = mirrors.get(buffer.memory());
        if (mirror == null || mirror.size() < buffer.bytes()) {
            close(mirror);
            mirror = take(buffer.bytes(), GpuMemory.Kind.READBACK);
            mirrors.put(buffer.memory(), mirror);
        }
        answer = buffer;
        return mirror;
    }

    /// Waits, then brings the first bytes of `memory` to the host.
    private MemorySegment fetch(GpuMemory memory, long bytes) {
        issueWaiting();
        if (readback.size() < bytes) {
            finish();
            readback.close();
            readback = device.allocate(bytes, GpuMemory.Kind.READBACK);
        }
        recorder().barrier();
        recorder().copy(memory, 0, readback, 0, bytes);
        recorder().barrier();
        finish();
        return readback.host().asSlice(0, bytes);
    }

    // ---- steps

    private GpuRecorder recorder() {
        if (recorder == null) {
            recorder = device.record();
            recorder.barrier(); // after what was sent before
            hazards.clear();
            if (matrices != null) {
                matrices.clear();
            }
            answer = null;
        }
        return recorder;
    }

    /// Ends what is being recorded and sends it.
    private @Nullable GpuStep send() {
        GpuRecorder ended = recorder;
        if (ended == null) {
            return null;
        }
        recorder = null;
        GpuStep step = ended.end();
        device.submit(step);
        busy = true;
        return step;
    }

    /// Sends what is recorded and waits for all.
    private void finish() {
        issueWaiting();
        GpuStep step = send();
        cuts += step == null ? 0 : 1;
        if (busy) {
            device.await();
            busy = false;
        }
        if (step != null) {
            step.close();
        }
    }

    private void forgetSteps() {
        if (!passes.isEmpty()) {
            finish();
            passes.values().forEach(pass -> pass.step().close());
            passes.clear();
        }
    }

    @Override
    public void pass(Batch next, Runnable verbs) {
        publish(next);
        for (var run : next.runs()) {
            ((GpuKvCache) run.cache()).reserve(run.start() + run.count());
        }
        var layout = ((GpuKvCache) next.runs().getFirst().cache()).layout();
        var shape = new Shape(next.size(), next.outputs(), layout);
        Pass known = passes.get(shape);
        if (known != null) {
            device.submit(known.step());
            busy = true;
            answer = known.answer();
            return;
        }
        int before = cuts;
        batchMemory.bring(recorder());
        issue(next, verbs);
        if (cuts != before) {
            finish();
            return;
        }
        if (passes.size() == MOST_STEPS) {
            forgetSteps();
        }
        if (product != null && product.bytes() <= MOST_ANSWER) {
            GpuMemory host = mirror(product);
            recorder().barrier();
            recorder().copy(product.memory(), 0, host, 0, product.bytes());
        }
        GpuStep step = send();
        if (step != null) {
            passes.put(shape, new Pass(step, answer));
        }
    }

    /// Issues the verbs of a pass, those of one token as few commands where the device can.
    private void issue(Batch next, Runnable verbs) {
        product = null;
        waiting = fusion != null && next.size() == 1 ? new ArrayList<>() : null;
        try {
            verbs.run();
            List<Verb> all = waiting;
            waiting = null;
            if (all != null && fusion != null && !all.isEmpty()) {
                fusion.issue(all);
            }
        } finally {
            waiting = null; // of a pass that failed
        }
    }

    /// Issues the verbs that wait as they are: somebody reads between them.
    private void issueWaiting() {
        List<Verb> verbs = waiting;
        waiting = null;
        if (verbs != null) {
            verbs.forEach(verb -> verb.to(this));
        }
    }

    /// {@return whether `verb` waits for those that follow}
    private boolean waits(Verb verb) {
        if (waiting == null) {
            return false;
        }
        waiting.add(verb);
        return true;
    }

    /// Makes `next` the batch whose data the kernels see.
    private void turnTo(Batch next) {
        if (batch != next) {
            publish(next);
            batchMemory.bring(recorder());
        }
    }

    /// Makes `next` the batch that the next [BatchMemory#bring] brings.
    private void publish(Batch next) {
        finish();
        if (batchMemory.capacity() < next.size()) {
            forgetSteps();
            batchMemory.close();
            batchMemory = new BatchMemory(device, 2 * next.size());
        }
        batchMemory.write(next);
        batch = next;
    }

    // ---- what Fusion and its parts record with

    Arguments start() {
        return arguments.start();
    }

    Hazards hazards() {
        return hazards;
    }

    GpuKernel kernel(String kernel, int... constants) {
        return device.kernel(kernel, constants);
    }

    BatchMemory batchMemory() {
        return batchMemory;
    }

    /// {@return all keys of all caches, for [#hazards]}
    Object keys() {
        return keys;
    }

    Object values() {
        return values;
    }

    GpuMemory frequencies(Rope rope) {
        return frequencies.computeIfAbsent(rope, this::frequenciesOf);
    }

    void dispatch(GpuKernel kernel, int x, int y) {
        GpuRecorder to = recorder();
        product = null;
        if (hazards.next()) {
            to.barrier();
        }
        to.dispatch(kernel, x, y, 1, arguments.bytes());
    }

    static GpuMemory memory(Buffer buffer) {
        return ((GpuBuffer) buffer).memory();
    }

    GpuBuffer in(Buffer buffer) {
        GpuBuffer b = (GpuBuffer) buffer;
        hazards.reads(b.memory());
        return b;
    }

    GpuBuffer out(Buffer buffer) {
        GpuBuffer b = (GpuBuffer) buffer;
        hazards.writes(b.memory());
        if (matrices != null) {
            matrices.written(b.memory());
        }
        return b;
    }

    // ---- verbs

    @Override
    public void embed(Buffer out, Weight table, Batch batch) {
        assert Shapes.embed(out, table, batch);
        if (waits(new Verb.Other(List.of(), List.of(out), b -> b.embed(out, table, batch)))) {
            return;
        }
        turnTo(batch);
        GpuWeight w = (GpuWeight) table;
        arguments
                .start()
                .add(out(out))
                .add(w.memory().address())
                .add(batchMemory.tokens())
                .add(w.columns())
                .add(w.rows());
        dispatch(device.kernel("embed", w.format()), batch.size(), 1);
    }

    @Override
    public void matmul(Buffer out, Weight weight, Buffer x) {
        assert Shapes.matmul(out, weight, x);
        if (waits(new Verb.Matmul(out, weight, x))) {
            return;
        }
        GpuWeight w = (GpuWeight) weight;
        int tokens = x.rows();
        if (tokens > FEW_TOKENS && matrices != null && MatrixProducts.fits(w)) {
            matrices.multiply(out, w, x);
            product = (GpuBuffer) out;
            return;
        }
        arguments
                .start()
                .add(out(out))
                .add(w.memory().address())
                .add(in(x))
                .add(w.rows())
                .add(w.columns())
                .add(tokens)
                .add(0);
        if (tokens <= FEW_TOKENS) {
            dispatch(
                    device.kernel("matvec", w.format(), ROWS, tokens == 1 ? 1 : FEW_TOKENS),
                    Math.min(MOST_GROUPS, Math.ceilDiv(w.rows(), ROWS)),
                    1);
        } else {
            dispatch(
                    device.kernel("matmul", w.format()),
                    Math.ceilDiv(w.rows(), TILE),
                    Math.ceilDiv(tokens, TILE));
        }
        product = (GpuBuffer) out;
    }

    @Override
    public void rmsNorm(Buffer out, Buffer x, Weight weight, float epsilon) {
        assert Shapes.rmsNorm(out, x, weight);
        if (waits(new Verb.RmsNorm(out, x, weight, epsilon))) {
            return;
        }
        arguments
                .start()
                .add(out(out))
                .add(in(x))
                .add(vector(weight))
                .add(x.columns())
                .add(epsilon);
        dispatch(device.kernel("rmsNorm"), x.rows(), 1);
    }

    @Override
    public void addRmsNorm(Buffer out, Buffer x, Buffer y, Weight weight, float epsilon) {
        if (waits(new Verb.Add(x, y))) {
            rmsNorm(out, x, weight, epsilon);
            return;
        }
        in(x);
        arguments
                .start()
                .add(out(out))
                .add(out(x))
                .add(in(y))
                .add(vector(weight))
                .add(x.columns())
                .add(epsilon);
        dispatch(device.kernel("addRmsNorm"), x.rows(), 1);
    }

    /// {@return where the values of a vector lie as f32}
    long vector(Weight weight) {
        GpuWeight w = (GpuWeight) weight;
        if (w.tensor().format() instanceof F32) {
            return w.memory().address();
        }
        return vectors.computeIfAbsent(w, this::decoded).address();
    }

    private GpuMemory decoded(GpuWeight w) {
        float[] values = new float[w.columns()];
        w.tensor().format().decode(w.tensor().data(), 0, values, 0, values.length);
        return constant(values);
    }

    /// {@return memory of the device with these values; recording goes on beside it}
    private GpuMemory constant(float[] values) {
        long bytes = (long) values.length * Float.BYTES;
        GpuMemory memory = take(bytes, GpuMemory.Kind.DEVICE);
        try (GpuMemory host = device.allocate(bytes, GpuMemory.Kind.UPLOAD)) {
            MemorySegment.copy(values, 0, host.host(), JAVA_FLOAT, 0, values.length);
            GpuRecorder copy = device.record();
            copy.copy(host, 0, memory, 0, bytes);
            copy.barrier();
            try (GpuStep step = copy.end()) {
                device.submit(step);
                device.await();
            }
        }
        return memory;
    }

    @Override
    public void rope(Buffer x, int headLength, Rope rope, Batch batch) {
        assert Shapes.rope(x, headLength, rope, batch);
        if (waits(new Verb.Rotate(x, headLength, rope, batch))) {
            return;
        }
        turnTo(batch);
        in(x);
        int heads = x.columns() / headLength;
        arguments
                .start()
                .add(out(x))
                .add(batchMemory.positions())
                .add(frequencies(rope).address())
                .add(heads)
                .add(headLength)
                .add(rope.pairs())
                .add(rope.pairing() == Rope.Pairing.HALVES ? 1 : 0)
                .add(rope.magnitude());
        dispatch(device.kernel("rope"), x.rows(), heads);
    }

    /// A frequency is the sum of two floats: positions reach far enough to need more than one.
    private GpuMemory frequenciesOf(Rope rope) {
        int n = rope.pairs();
        float[] values = new float[2 * n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) rope.frequency(i);
            values[n + i] = (float) (rope.frequency(i) - values[i]);
        }
        return constant(values);
    }

    @Override
    public void append(Batch batch, int layer, Buffer keys, Buffer values) {
        assert Shapes.append(batch, keys, values);
        if (waits(new Verb.Append(batch, layer, keys, values))) {
            return;
        }
        turnTo(batch);
        for (var run : batch.runs()) {
            ((GpuKvCache) run.cache()).reserve(run.start() + run.count());
        }
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
        hazards.writes(store);
        arguments
                .start()
                .add(in(src))
                .add(batchMemory.caches())
                .add(batchMemory.positions())
                .add(offset)
                .add(heads)
                .add(length);
        dispatch(device.kernel("append", type(cache)), src.rows(), heads);
    }

    /// {@return the number by which kernels know how a cache stores}
    private static int type(GpuKvCache cache) {
        return cache.layout().type().format().type().id();
    }

    @Override
    public void attention(Buffer out, Buffer q, Batch batch, int layer, Heads heads) {
        assert Shapes.attention(out, q, batch, heads);
        if (waits(new Verb.Attention(out, q, batch, layer, heads))) {
            return;
        }
        turnTo(batch);
        GpuKvCache cache = (GpuKvCache) batch.runs().getFirst().cache();
        hazards.reads(keys);
        hazards.reads(values);
        arguments
                .start()
                .add(out(out))
                .add(in(q))
                .add(batchMemory.caches())
                .add(batchMemory.positions())
                .add(cache.keyOffset(layer))
                .add(cache.valueOffset(layer))
                .add(heads.heads())
                .add(heads.kvHeads())
                .add(heads.keyLength())
                .add(heads.valueLength())
                .add(heads.scale());
        dispatch(device.kernel("attention", type(cache), exactHalves), heads.heads(), q.rows());
    }

    @Override
    public void add(Buffer x, Buffer y) {
        assert Shapes.same(x, y);
        if (waits(new Verb.Add(x, y))) {
            return;
        }
        elementWise("add", x, y);
    }

    @Override
    public void multiply(Buffer x, Buffer y) {
        assert Shapes.same(x, y);
        if (waits(new Verb.Other(List.of(x, y), List.of(x), b -> b.multiply(x, y)))) {
            return;
        }
        elementWise("multiply", x, y);
    }

    private void elementWise(String kernel, Buffer x, Buffer y) {
        in(x);
        int n = x.rows() * x.columns();
        arguments.start().add(out(x)).add(in(y)).add(n);
        dispatch(device.kernel(kernel), Math.min(MOST_GROUPS, Math.ceilDiv(n, GROUP)), 1);
    }

    @Override
    public void activate(Buffer x, Activation f) {
        if (waits(new Verb.Other(List.of(x), List.of(x), b -> b.activate(x, f)))) {
            return;
        }
        in(x);
        int n = x.rows() * x.columns();
        arguments.start().add(out(x)).add(n);
        dispatch(
                device.kernel("activate", number(f)),
                Math.min(MOST_GROUPS, Math.ceilDiv(n, GROUP)),
                1);
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
        if (waits(new Verb.Gate(gate, f, up))) {
            return;
        }
        in(gate);
        int n = gate.rows() * gate.columns();
        arguments.start().add(out(gate)).add(in(up)).add(n);
        dispatch(
                device.kernel("gate", number(f)), Math.min(MOST_GROUPS, Math.ceilDiv(n, GROUP)), 1);
    }

    @Override
    public void select(Buffer out, Buffer x, Batch batch) {
        assert Shapes.select(out, x, batch);
        if (waits(new Verb.Select(out, x, batch))) {
            return;
        }
        turnTo(batch);
        arguments.start().add(out(out)).add(in(x)).add(batchMemory.outputs()).add(x.columns());
        dispatch(device.kernel("select"), batch.outputs(), 1);
    }

    @Override
    public void softmax(Buffer x) {
        if (waits(new Verb.Other(List.of(x), List.of(x), b -> b.softmax(x)))) {
            return;
        }
        in(x);
        arguments.start().add(out(x)).add(x.columns());
        dispatch(device.kernel("softmax"), x.rows(), 1);
    }

    // ---- mixtures of experts

    @Override
    public void topK(Routing out, Buffer scores) {
        assert Shapes.topK(out, scores);
        if (waits(
                new Verb.Other(
                        List.of(scores), List.of(out.weights()), b -> b.topK(out, scores)))) {
            return;
        }
        GpuRouting routing = (GpuRouting) out;
        hazards.writes(routing.ids());
        arguments
                .start()
                .add(routing.ids().address())
                .add(out(routing.weights()))
                .add(in(scores))
                .add(scores.columns())
                .add(routing.used());
        dispatch(device.kernel("topK"), scores.rows(), 1);
    }

    @Override
    public void normalize(Buffer x) {
        if (waits(new Verb.Other(List.of(x), List.of(x), b -> b.normalize(x)))) {
            return;
        }
        in(x);
        arguments.start().add(out(x)).add(x.columns());
        dispatch(device.kernel("normalize"), x.rows(), 1);
    }

    @Override
    public void matmulExperts(Buffer out, Weight weight, Buffer x, Routing routing) {
        assert Shapes.matmulExperts(out, weight, x, routing);
        if (waits(
                new Verb.Other(
                        List.of(x), List.of(out), b -> b.matmulExperts(out, weight, x, routing)))) {
            return;
        }
        GpuWeight w = (GpuWeight) weight;
        GpuRouting chosen = (GpuRouting) routing;
        int rows = chosen.rows() * chosen.used();
        hazards.reads(chosen.ids());
        arguments
                .start()
                .add(out(out))
                .add(w.memory().address())
                .add(in(x))
                .add(chosen.ids().address())
                .add(w.rows())
                .add(w.columns())
                .add(chosen.used())
                .add(x.rows() == rows ? 1 : 0);
        dispatch(
                device.kernel("matvecExperts", w.format(), ROWS, 1),
                Math.min(MOST_GROUPS, Math.ceilDiv(w.rows(), ROWS)),
                rows);
    }

    @Override
    public void combine(Buffer out, Buffer y, Routing routing) {
        assert Shapes.combine(out, y, routing);
        if (waits(
                new Verb.Other(
                        List.of(y, routing.weights()),
                        List.of(out),
                        b -> b.combine(out, y, routing)))) {
            return;
        }
        arguments
                .start()
                .add(out(out))
                .add(in(y))
                .add(in(routing.weights()))
                .add(y.columns())
                .add(routing.used());
        dispatch(device.kernel("combine"), out.rows(), 1);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            finish();
            forgetSteps();
        } catch (BackendException e) {
            // A device that was lost has said so to whoever used it; what is left is to give it
            // back.
            passes.values().forEach(pass -> pass.step().close());
        }
        taken.forEach(GpuMemory::close);
        readback.close();
        batchMemory.close();
        device.close();
    }
}
