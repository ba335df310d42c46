package dev.jinrai.backend.hybrid;

import dev.jinrai.backend.Activation;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Heads;
import dev.jinrai.backend.Home;
import dev.jinrai.backend.KvCache;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.Rope;
import dev.jinrai.backend.Routing;
import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A model on two backends: the layers from one on live on a device, the rest on the host.
///
/// A verb runs where its weights live, or the keys and values of its layer; one with neither runs where its operands are.
/// Operands that are not there are copied first, which a model that goes through its layers in order does twice a pass: into
/// the device's first layer, and out of its last, of which only the rows are left by then whose logits are wanted. No verb
/// is computed otherwise than on the backend that runs it.
///
/// In a pass the device's verbs are held back until the host needs a result or has work of its own, so that the device
/// gets them as one pass too, which it may replay. It then works while the host goes on.
public final class HybridBackend implements Backend {
    /// What is in no layer: embedding and output.
    private static final int NO_LAYER = -1;

    private final Backend host;
    private final Backend device;
    private final IntPredicate onDevice;
    private final String description;

    /// Verbs of the device that were not issued yet.
    private final List<Consumer<Backend>> held = new ArrayList<>();

    private boolean inPass;

    /// Whether the device had no pass of its own yet in this pass.
    private boolean first;

    /// Where the last verb ran.
    private Side side = Side.HOST;

    private @Nullable Batch batch;
    private @Nullable Batch hostBatch;
    private @Nullable Batch deviceBatch;
    private float[] values = {};

    /// @param host runs the first layers, the embedding and the output; closed with this backend
    /// @param device runs the last layers; closed with this backend
    /// @param layers how many the model has
    /// @param onDevice how many of them the device runs
    public HybridBackend(Backend host, Backend device, int layers, int onDevice) {
        this(
                host,
                device,
                layer -> layer >= layers - onDevice,
                "%d of %d layers on %s, the rest on %s"
                        .formatted(onDevice, layers, device.device(), host.device()));
    }

    /// @param onDevice whether a layer lives on the device; asked for -1 too, which is what belongs to no layer
    /// @param description what a user reads
    public HybridBackend(Backend host, Backend device, IntPredicate onDevice, String description) {
        this.host = host;
        this.device = device;
        this.onDevice = onDevice;
        this.description = description;
    }

    @Override
    public String name() {
        return "hybrid";
    }

    @Override
    public String device() {
        return description;
    }

    @Override
    public int threads() {
        return host.threads();
    }

    private Backend backend(Side of) {
        return switch (of) {
            case HOST -> host;
            case DEVICE -> device;
        };
    }

    /// {@return where a layer lives}
    private Side side(int layer) {
        return onDevice.test(layer) ? Side.DEVICE : Side.HOST;
    }

    // ---- memory

    @Override
    public Weight upload(Tensor tensor) {
        return layer(NO_LAYER).upload(tensor);
    }

    @Override
    public Home layer(int layer) {
        Side home = side(layer);
        return tensor -> new HybridWeight(home, backend(home).upload(tensor));
    }

    @Override
    public long resident(Weight weight) {
        HybridWeight w = (HybridWeight) weight;
        return backend(w.side()).resident(w.weight());
    }

    @Override
    public void prepare() {
        host.prepare();
        device.prepare();
    }

    @Override
    public OptionalLong deviceMemory() {
        return device.deviceMemory();
    }

    @Override
    public KvLayout onHeap(KvLayout layout) {
        List<KvLayout.Layer> layers =
                new ArrayList<>(host.onHeap(layout(layout, Side.HOST)).layers());
        layers.addAll(device.onHeap(layout(layout, Side.DEVICE)).layers());
        return new KvLayout(layers, layout.capacity(), layout.type());
    }

    @Override
    public Buffer allocate(int rows, int columns) {
        return new HybridBuffer(on -> backend(on).allocate(rows, columns), rows, columns);
    }

    @Override
    public void free(Buffer buffer) {
        flush();
        ((HybridBuffer) buffer).made().forEach((on, made) -> backend(on).free(made));
    }

    @Override
    public Routing allocateRouting(int rows, int used) {
        return new HybridRouting(on -> backend(on).allocateRouting(rows, used), rows, used);
    }

    @Override
    public void free(Routing routing) {
        flush();
        ((HybridRouting) routing).made().forEach((on, made) -> backend(on).free(made));
    }

    @Override
    @SuppressWarnings("MustBeClosed") // closed with the cache, or here on failure
    public KvCache allocate(KvLayout layout) {
        KvCache mine = host.allocate(layout(layout, Side.HOST));
        try {
            return new HybridKvCache(
                    mine, device.allocate(layout(layout, Side.DEVICE)), indexes(layout));
        } catch (RuntimeException | Error e) {
            mine.close();
            throw e;
        }
    }

    /// {@return the layers that live on a side}
    private KvLayout layout(KvLayout whole, Side of) {
        return new KvLayout(
                IntStream.range(0, whole.layers().size())
                        .filter(layer -> side(layer) == of)
                        .mapToObj(whole.layers()::get)
                        .toList(),
                whole.capacity(),
                whole.type());
    }

    private int[] indexes(KvLayout layout) {
        return IntStream.range(0, layout.layers().size())
                .map(layer ->
                        (int)
                                IntStream.range(0, layer)
                                        .filter(before -> side(before) == side(layer))
                                        .count())
                .toArray();
    }

    @Override
    public void write(Buffer dst, float[] values) {
        issue(Side.HOST, _ -> {});
        HybridBuffer buffer = (HybridBuffer) dst;
        host.write(buffer.on(Side.HOST), values);
        buffer.current().written(Side.HOST, buffer.rows());
    }

    @Override
    public void read(Buffer src, float[] values, int at) {
        HybridBuffer buffer = (HybridBuffer) src;
        if (!buffer.currentOn(Side.HOST) && buffer.currentOn(Side.DEVICE)) {
            flush();
            device.read(buffer.on(Side.DEVICE), values, at);
        } else {
            host.read(in(buffer, Side.HOST), values, at);
        }
    }

    @Override
    public void readIds(Routing src, int[] ids) {
        HybridRouting routing = (HybridRouting) src;
        if (!routing.currentIds().all(Side.HOST, routing.rows())) {
            flush();
            device.readIds(routing.on(Side.DEVICE), ids);
        } else {
            host.readIds(routing.on(Side.HOST), ids);
        }
    }

    @Override
    public void writeIds(Routing dst, int[] ids) {
        HybridRouting routing = (HybridRouting) dst;
        host.writeIds(routing.on(Side.HOST), ids);
        routing.currentIds().written(Side.HOST, routing.rows());
    }

    // ---- what is where

    /// {@return the buffer on a side, with its current values}
    private Buffer in(Buffer buffer, Side to) {
        HybridBuffer b = (HybridBuffer) buffer;
        if (!b.currentOn(to)) {
            copy(b, to);
        }
        return b.on(to);
    }

    /// {@return the buffer on a side, whose values there will be the current ones}
    private Buffer out(Buffer buffer, Side to) {
        HybridBuffer b = (HybridBuffer) buffer;
        b.current().written(to, b.rows());
        return b.on(to);
    }

    /// Brings the rows of a buffer that are old on a side from the other.
    private void copy(HybridBuffer buffer, Side to) {
        flush(); // what is held back may read the old rows, or write the new
        int columns = buffer.columns();
        int count = buffer.rows() * columns;
        values = values.length < count ? new float[count] : values;
        Side from = to.other();
        backend(from).read(buffer.on(from), values, 0);
        if (!buffer.currentOn(from)) {
            float[] mine = new float[count];
            backend(to).read(buffer.on(to), mine, 0);
            for (int r = 0; r < buffer.rows(); r++) {
                if (buffer.current().has(to, r)) {
                    System.arraycopy(mine, r * columns, values, r * columns, columns);
                }
            }
        }
        backend(to).write(buffer.on(to), values);
        buffer.current().copied(to, buffer.rows());
    }

    /// {@return the routing on a side, with its current experts and weights}
    private Routing in(Routing routing, Side to) {
        HybridRouting r = (HybridRouting) routing;
        in(r.weights(), to);
        if (!r.currentIds().all(to, r.rows())) {
            flush();
            int[] ids = new int[r.rows() * r.used()];
            backend(to.other()).readIds(r.on(to.other()), ids);
            backend(to).writeIds(r.on(to), ids);
            r.currentIds().copied(to, r.rows());
        }
        return r.on(to);
    }

    /// {@return where `x` is; where the last verb ran, if it is on both sides}
    private Side sideOf(Buffer x) {
        HybridBuffer b = (HybridBuffer) x;
        return b.currentOn(side) || !b.currentOn(side.other()) ? side : side.other();
    }

    /// {@return where both are; where `x` is, if there is no such side}
    private Side sideOf(Buffer x, Buffer y) {
        for (Side at : side == Side.HOST ? HOST_FIRST : DEVICE_FIRST) {
            if (((HybridBuffer) x).currentOn(at) && ((HybridBuffer) y).currentOn(at)) {
                return at;
            }
        }
        return sideOf(x);
    }

    private static final List<Side> HOST_FIRST = List.of(Side.HOST, Side.DEVICE);
    private static final List<Side> DEVICE_FIRST = List.of(Side.DEVICE, Side.HOST);

    /// {@return the batch over the caches of a side}
    private Batch batch(Batch whole, Side of) {
        if (batch != whole || hostBatch == null || deviceBatch == null) {
            flush();
            batch = whole;
            hostBatch = whole.over(cache -> ((HybridKvCache) cache).on(Side.HOST));
            deviceBatch = whole.over(cache -> ((HybridKvCache) cache).on(Side.DEVICE));
        }
        return of == Side.HOST ? hostBatch : deviceBatch;
    }

    // ---- passes

    @Override
    public void pass(Batch whole, Runnable verbs) {
        flush();
        batch(whole, Side.HOST);
        side = Side.HOST;
        inPass = true;
        first = true;
        try {
            verbs.run();
            flush();
        } finally {
            held.clear();
            inPass = false;
        }
    }

    /// Runs a verb on a side, or holds it back.
    private void issue(Side on, Consumer<Backend> verb) {
        side = on;
        if (on == Side.DEVICE && inPass) {
            held.add(verb);
            return;
        }
        flush();
        verb.accept(backend(on));
    }

    /// Issues what is held back. What the device does first in a pass is the same in every pass of a shape, as the pass itself
    /// is, so it is a pass of the device; there is seldom more.
    private void flush() {
        if (held.isEmpty()) {
            return;
        }
        if (first && deviceBatch != null) {
            first = false;
            device.pass(deviceBatch, this::issueHeld);
        } else {
            issueHeld();
        }
        held.clear();
    }

    private void issueHeld() {
        held.forEach(verb -> verb.accept(device));
    }

    // ---- verbs

    @Override
    public void embed(Buffer out, Weight table, Batch batch) {
        HybridWeight w = (HybridWeight) table;
        Batch mine = batch(batch, w.side());
        Buffer to = out(out, w.side());
        issue(w.side(), on -> on.embed(to, w.weight(), mine));
    }

    @Override
    public void matmul(Buffer out, Weight weight, Buffer x) {
        HybridWeight w = (HybridWeight) weight;
        Buffer from = in(x, w.side());
        Buffer to = out(out, w.side());
        issue(w.side(), on -> on.matmul(to, w.weight(), from));
    }

    @Override
    public void rmsNorm(Buffer out, Buffer x, Weight weight, float epsilon) {
        HybridWeight w = (HybridWeight) weight;
        Buffer from = in(x, w.side());
        Buffer to = out(out, w.side());
        issue(w.side(), on -> on.rmsNorm(to, from, w.weight(), epsilon));
    }

    @Override
    public void addRmsNorm(Buffer out, Buffer x, Buffer y, Weight weight, float epsilon) {
        HybridWeight w = (HybridWeight) weight;
        Buffer added = in(y, w.side());
        in(x, w.side());
        Buffer sum = out(x, w.side());
        Buffer to = out(out, w.side());
        issue(w.side(), on -> on.addRmsNorm(to, sum, added, w.weight(), epsilon));
    }

    @Override
    public void rope(Buffer x, int headLength, Rope rope, Batch batch) {
        Side at = sideOf(x);
        Batch mine = batch(batch, at);
        inPlace(at, x, (on, b) -> on.rope(b, headLength, rope, mine));
    }

    @Override
    public void append(Batch batch, int layer, Buffer keys, Buffer values) {
        Side at = side(layer);
        Batch mine = batch(batch, at);
        int index = index(batch, layer);
        Buffer k = in(keys, at);
        Buffer v = in(values, at);
        issue(at, on -> on.append(mine, index, k, v));
    }

    @Override
    public void attention(Buffer out, Buffer q, Batch batch, int layer, Heads heads) {
        Side at = side(layer);
        Batch mine = batch(batch, at);
        int index = index(batch, layer);
        Buffer from = in(q, at);
        Buffer to = out(out, at);
        issue(at, on -> on.attention(to, from, mine, index, heads));
    }

    private static int index(Batch batch, int layer) {
        return ((HybridKvCache) batch.runs().getFirst().cache()).index(layer);
    }

    /// A verb that changes one buffer.
    private interface Change {
        void run(Backend on, Buffer x);
    }

    /// A verb that reads one buffer and changes or writes another.
    private interface Step {
        void run(Backend on, Buffer x, Buffer y);
    }

    private void inPlace(Side at, Buffer x, Change verb) {
        in(x, at);
        Buffer changed = out(x, at);
        issue(at, on -> verb.run(on, changed));
    }

    private void inPlace(Buffer x, Buffer y, Step verb) {
        Side at = sideOf(x, y);
        Buffer from = in(y, at);
        in(x, at);
        Buffer changed = out(x, at);
        issue(at, on -> verb.run(on, changed, from));
    }

    @Override
    public void add(Buffer x, Buffer y) {
        inPlace(x, y, Backend::add);
    }

    @Override
    public void multiply(Buffer x, Buffer y) {
        inPlace(x, y, Backend::multiply);
    }

    @Override
    public void activate(Buffer x, Activation f) {
        inPlace(sideOf(x), x, (on, b) -> on.activate(b, f));
    }

    @Override
    public void gate(Buffer gate, Activation f, Buffer up) {
        inPlace(gate, up, (on, g, u) -> on.gate(g, f, u));
    }

    @Override
    public void select(Buffer out, Buffer x, Batch batch) {
        Side at = sideOf(x);
        Batch mine = batch(batch, at);
        Buffer from = in(x, at);
        Buffer to = out(out, at);
        issue(at, on -> on.select(to, from, mine));
    }

    @Override
    public void softmax(Buffer x) {
        inPlace(sideOf(x), x, Backend::softmax);
    }

    @Override
    public void largest(Buffer out, Buffer x, int columns) {
        Side at = sideOf(x);
        Buffer from = in(x, at);
        Buffer to = out(out, at);
        issue(at, on -> on.largest(to, from, columns));
    }

    // ---- mixtures of experts

    @Override
    public void topK(Routing out, Buffer scores) {
        Side at = sideOf(scores);
        HybridRouting routing = (HybridRouting) out;
        Buffer from = in(scores, at);
        out(routing.weights(), at);
        routing.currentIds().written(at, routing.rows());
        Routing to = routing.on(at);
        issue(at, on -> on.topK(to, from));
    }

    @Override
    public void normalize(Buffer x) {
        inPlace(sideOf(x), x, Backend::normalize);
    }

    @Override
    public void matmulExperts(Buffer out, Weight weight, Buffer x, Routing routing) {
        HybridWeight w = (HybridWeight) weight;
        Buffer from = in(x, w.side());
        Routing chosen = in(routing, w.side());
        Buffer to = out(out, w.side());
        issue(w.side(), on -> on.matmulExperts(to, w.weight(), from, chosen));
    }

    @Override
    public void combine(Buffer out, Buffer y, Routing routing) {
        Side at = sideOf(y, routing.weights());
        Buffer from = in(y, at);
        Routing chosen = in(routing, at);
        Buffer to = out(out, at);
        issue(at, on -> on.combine(to, from, chosen));
    }

    @Override
    public void close() {
        try {
            device.close();
        } finally {
            host.close();
        }
    }
}
