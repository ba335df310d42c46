package dev.jinrai.gpu;

import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.KvType;
import dev.jinrai.backend.Rope;
import dev.jinrai.backend.Weight;
import dev.jinrai.format.Format;
import dev.jinrai.format.Q4_0;
import dev.jinrai.format.Q4_K;
import dev.jinrai.format.Q5_K;
import dev.jinrai.format.Q6_K;
import dev.jinrai.format.Q8_0;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A pass of one token in few commands: at that size the time goes into commands that wait for each other.
///
/// ```
/// norm, products            one: a norm only scales what products of its input with its weights give
/// product, product, gate    one
/// product, add              one, which also prepares the sum for what reads it next
/// turns, append, attention  one
/// ```
/// A product takes its vector in sixteen-bit steps (`steps.glsl`), because packed dot products of bytes are what a GPU multiplies
/// quantized weights with fast; what makes a vector makes the steps too. A verb is only left out where nothing reads its result.
final class OneToken {
    /// The most heads that share keys, and the longest head, of `attend`; and the most values of the heads that share keys.
    private static final int MOST_SHARING = 16;

    private static final int LONGEST_HEAD = 256;

    private static final int MOST_SHARED_VALUES = 2048;

    /// Rows of a workgroup of products.
    private static final int GROUP_ROWS = 16;

    private final GpuBackend backend;

    /// The vectors in sixteen-bit steps beside buffers.
    private final Map<GpuMemory, GpuMemory> steps = new IdentityHashMap<>();

    /// What of the buffers is in steps as the recording stands: times the weights of a norm, or as it is.
    private final Map<GpuMemory, Scaled> valid = new IdentityHashMap<>();

    private record Scaled(@Nullable GpuWeight norm) {}

    private final GpuMemory tickets;
    private @Nullable GpuMemory parts;
    private final int subgroup;
    private final int largestGroup;
    private final int nativeHalves;

    /// Cosines and sines of the token's position.
    private final Map<Rope, GpuMemory> turns = new IdentityHashMap<>();

    private List<Verb> verbs = List.of();

    /// @param tickets zeros, 32 bits for each of [#MOST_KV_HEADS]
    /// @param nativeHalves whether the device's own conversion of halves is exact
    OneToken(GpuBackend backend, GpuInfo info, GpuMemory tickets, boolean nativeHalves) {
        this.backend = backend;
        this.nativeHalves = nativeHalves ? 1 : 0;
        this.tickets = tickets;
        this.subgroup = Math.max(4, info.subgroup());
        this.largestGroup = info.largestGroup();
    }

    /// The most heads of keys that a token's attention can have.
    static final int MOST_KV_HEADS = 1024;

    /// Issues verbs of a pass of one token.
    ///
    /// @param all whether the pass ends with them, so that no buffer is read but the one that was written last
    void issue(List<Verb> issued, boolean all) {
        valid.clear();
        verbs = all ? withoutSelect(issued) : issued;
        if (all) {
            verbs.stream()
                    .filter(Verb.Turn.class::isInstance)
                    .map(verb -> ((Verb.Turn) verb).rope())
                    .distinct()
                    .forEach(this::turn);
        }
        for (int i = 0; i < verbs.size(); ) {
            int done = all ? fused(i) : 0;
            i += done > 0 ? done : alone(i);
        }
        verbs = List.of();
    }

    /// A selection of the one token is that token's row itself.
    private List<Verb> withoutSelect(List<Verb> issued) {
        verbs = issued;
        List<Verb> kept = new ArrayList<>();
        for (int i = 0; i < issued.size(); i++) {
            if (issued.get(i) instanceof Verb.Select(var out, var x, var batch)
                    && i + 1 < issued.size()
                    && issued.get(i + 1) instanceof Verb.RmsNorm(var to, var from, var w, var e)
                    && same(out, from)
                    && batch.outputs() == 1
                    && dead(out, i + 2)) {
                kept.add(new Verb.RmsNorm(to, x, w, e));
                i++;
            } else {
                kept.add(issued.get(i));
            }
        }
        return kept;
    }

    /// Issues verb `i` by itself.
    private int alone(int i) {
        Verb verb = verbs.get(i);
        int done = 1;
        if (verb instanceof Verb.Add(var x, var y)
                && i + 1 < verbs.size()
                && verbs.get(i + 1) instanceof Verb.RmsNorm(var out, var of, var w, var epsilon)
                && same(x, of)) {
            backend.addRmsNorm(out, x, y, w, epsilon);
            written(out);
            done = 2;
        } else {
            verb.to(backend);
        }
        verb.writes().forEach(this::written);
        return done;
    }

    private void written(Buffer buffer) {
        valid.remove(memory(buffer));
    }

    private static GpuMemory memory(Buffer buffer) {
        return ((GpuBuffer) buffer).memory();
    }

    private static boolean same(Buffer a, Buffer b) {
        return memory(a) == memory(b);
    }

    /// {@return whether nothing from verb `from` on reads what `buffer` has}
    private boolean dead(Buffer buffer, int from) {
        for (int i = from; i < verbs.size(); i++) {
            if (verbs.get(i).reads().stream().anyMatch(b -> same(b, buffer))) {
                return false;
            }
            if (verbs.get(i).writes().stream().anyMatch(b -> same(b, buffer))) {
                return true;
            }
        }
        return verbs.getLast().writes().stream().noneMatch(b -> same(b, buffer));
    }

    /// Issues what begins with verb `i` as one.
    ///
    /// @return how many verbs that was, or 0
    private int fused(int i) {
        return switch (verbs.get(i)) {
            case Verb.RmsNorm norm -> normedProducts(i, norm);
            case Verb.Matmul product -> product(i, product);
            case Verb.Turn _, Verb.Append _ -> attention(i);
            case Verb.Attention _, Verb.Add _, Verb.Gate _, Verb.Select _, Verb.Other _ -> 0;
        };
    }

    // ---- products

    private static boolean fits(Weight weight) {
        Format format = ((GpuWeight) weight).tensor().format();
        boolean known =
                switch (format) {
                    case Q4_0 _, Q8_0 _, Q4_K _, Q5_K _, Q6_K _ -> true;
                    default -> false;
                };
        return known && weight.slices() == 1;
    }

    private int normedProducts(int i, Verb.RmsNorm norm) {
        List<Verb.Matmul> products = new ArrayList<>();
        while (i + 1 + products.size() < verbs.size()
                && verbs.get(i + 1 + products.size()) instanceof Verb.Matmul product
                && same(product.x(), norm.out())
                && fits(product.weight())) {
            products.add(product);
        }
        int end = i + 1 + products.size();
        if (products.isEmpty()
                || !dead(norm.out(), end)
                || norm.x().columns() != weight(products.get(0)).columns()) {
            return 0;
        }
        GpuMemory x = inSteps(norm.x(), norm.x().columns(), (GpuWeight) norm.weight());
        if (products.size() == 2 && gated(end, products, x, norm.epsilon())) {
            return end + 1 - i;
        }
        for (int at = 0; at < products.size(); ) {
            at += products(products.subList(at, products.size()), x, norm.epsilon(), end);
        }
        return end - i;
    }

    /// The vector of a product, made if there is none.
    private GpuMemory inSteps(Buffer x, int columns, @Nullable GpuWeight norm) {
        GpuMemory of = memory(x);
        GpuMemory to = stepsOf(of, columns);
        Scaled wanted = new Scaled(norm);
        if (!wanted.equals(valid.get(of))) {
            backend.hazards().writes(to);
            backend.start()
                    .add(to.address())
                    .add(backend.in(x))
                    .add(norm == null ? 0L : backend.vector(norm))
                    .add(columns);
            backend.dispatch(
                    backend.kernel("quantize"), Math.ceilDiv(columns, 16 * 128), 1);
            valid.put(of, wanted);
        }
        return to;
    }

    private GpuMemory stepsOf(GpuMemory memory, int columns) {
        long bytes = Math.ceilDiv(columns, 64) * 176L;
        GpuMemory known = steps.get(memory);
        if (known == null || known.size() < bytes) {
            known = backend.take(bytes, GpuMemory.Kind.DEVICE);
            steps.put(memory, known);
        }
        return known;
    }

    /// @return how many of `some` were issued as one command
    private int products(List<Verb.Matmul> some, GpuMemory x, float epsilon, int end) {
        GpuWeight first = weight(some.get(0));
        int count = 1;
        int others = 1;
        int other = first.format();
        while (count < Math.min(3, some.size())) {
            int format = weight(some.get(count)).format();
            if (format == first.format() && others == count) {
                others++;
            } else if (others == count) {
                other = format;
            } else if (format != other) {
                break;
            }
            count++;
        }
        boolean last = count == 1 && end == verbs.size();
        var host = last ? backend.mirror((GpuBuffer) some.get(0).out()) : null;
        backend.hazards().reads(x);
        Arguments arguments = backend.start().add(x.address());
        for (int i = 0; i < 3; i++) {
            arguments.add(i < count ? weight(some.get(i)).memory().address() : 0L);
        }
        for (int i = 0; i < 3; i++) {
            arguments.add(i < count ? backend.out(some.get(i).out()).address() : 0L);
        }
        arguments.add(host == null ? 0L : host.address());
        int groups = 0;
        for (int i = 0; i < 3; i++) {
            int rows = i < count ? weight(some.get(i)).rows() : 0;
            arguments.add(rows);
            groups += Math.ceilDiv(rows, GROUP_ROWS);
        }
        int columns = first.columns();
        arguments.add(others).add(epsilon);
        Shape shape = shape(groups, columns, first, 1);
        backend.dispatch(
                backend.kernel(
                        "products",
                        first.format(),
                        other,
                        shape.local,
                        shape.rows,
                        shape.unroll,
                        shape.split,
                        epsilon >= 0 ? 1 : 0,
                        columns,
                        nativeHalves),
                groups,
                1);
        some.subList(0, count).forEach(p -> written(p.out()));
        return count;
    }

    private static GpuWeight weight(Verb.Matmul product) {
        return (GpuWeight) product.weight();
    }

    private boolean gated(int at, List<Verb.Matmul> products, GpuMemory x, float epsilon) {
        Verb.Matmul gate = products.get(0);
        Verb.Matmul up = products.get(1);
        GpuWeight w = weight(gate);
        if (at + 1 < verbs.size()
                && verbs.get(at) instanceof Verb.Gate(var gated, var f, var by)
                && same(gated, gate.out())
                && same(by, up.out())
                && dead(by, at + 1)
                && verbs.get(at + 1) instanceof Verb.Matmul next
                && same(next.x(), gated)
                && fits(next.weight())
                && dead(gated, at + 2)
                && w.format() == weight(up).format()
                && w.rows() == weight(up).rows()
                && w.rows() % GROUP_ROWS == 0) {
            GpuMemory to = stepsOf(memory(gated), w.rows());
            backend.hazards().reads(x);
            backend.hazards().writes(to);
            backend.start()
                    .add(x.address())
                    .add(w.memory().address())
                    .add(weight(up).memory().address())
                    .add(to.address())
                    .add(w.rows())
                    .add(epsilon);
            int groups = w.rows() / GROUP_ROWS;
            Shape shape = shape(groups, w.columns(), w, 2);
            backend.dispatch(
                    backend.kernel(
                            "productGate",
                            w.format(),
                            GpuBackend.number(f),
                            shape.local,
                            shape.rows,
                            shape.unroll,
                            shape.split,
                            1,
                            w.columns(),
                            nativeHalves),
                    groups,
                    1);
            valid.put(memory(gated), new Scaled(null));
            return true;
        }
        return false;
    }

    private int product(int i, Verb.Matmul product) {
        GpuWeight w = weight(product);
        if (!fits(w)) {
            return 0;
        }
        GpuMemory x = inSteps(product.x(), w.columns(), null);
        if (i + 1 < verbs.size()
                && verbs.get(i + 1) instanceof Verb.Add(var sum, var y)
                && same(y, product.out())
                && !same(sum, y)
                && dead(y, i + 2)
                && w.rows() % GROUP_ROWS == 0) {
            GpuWeight norm = nextNorm(sum, i + 2);
            GpuMemory next = norm == null ? null : stepsOf(memory(sum), w.rows());
            backend.hazards().reads(x);
            backend.in(sum);
            if (next != null) {
                backend.hazards().writes(next);
            }
            backend.start()
                    .add(x.address())
                    .add(w.memory().address())
                    .add(backend.out(sum))
                    .add(norm == null ? 0L : backend.vector(norm))
                    .add(next == null ? 0L : next.address())
                    .add(w.rows());
            int groups = w.rows() / GROUP_ROWS;
            Shape shape = shape(groups, w.columns(), w, 1);
            backend.dispatch(
                    backend.kernel(
                            "productAdd",
                            w.format(),
                            0,
                            shape.local,
                            shape.rows,
                            shape.unroll,
                            shape.split,
                            0,
                            w.columns(),
                            nativeHalves),
                    groups,
                    1);
            written(sum);
            if (next != null) {
                valid.put(memory(sum), new Scaled(norm));
            }
            return 2;
        }
        products(List.of(product), x, -1, i + 1);
        return 1;
    }

    /// {@return the weights of the norm that reads `x` next, if a norm does}
    private @Nullable GpuWeight nextNorm(Buffer x, int from) {
        for (int i = from; i < verbs.size(); i++) {
            if (verbs.get(i) instanceof Verb.RmsNorm norm && same(norm.x(), x)) {
                return (GpuWeight) norm.weight();
            }
            if (verbs.get(i).writes().stream().anyMatch(b -> same(b, x))) {
                return null;
            }
        }
        return null;
    }

    /// How a kernel of products divides its work.
    ///
    /// @param local invocations of a workgroup
    /// @param rows rows of a subgroup
    /// @param unroll pieces at once
    /// @param split subgroups of a row
    private record Shape(int local, int rows, int unroll, int split) {}

    /// @param matrices how many matrices a row is of
    private Shape shape(int groups, int columns, GpuWeight w, int matrices) {
        int piece = w.tensor().format().blockLength() == 256 ? 64 : 32;
        int pieces = columns / piece;
        int local = groups * matrices <= 320 && largestGroup >= 512 ? 512 : 256;
        int subgroups = Math.max(1, local / subgroup);
        int rows = Math.clamp(GROUP_ROWS / subgroups, 1, 2) * matrices;
        int split = 1;
        int each = Math.ceilDiv(pieces, subgroup * split);
        int unroll = Math.clamp(each, 1, Math.max(1, 4 / rows));
        return new Shape(local, rows, unroll, split);
    }

    // ---- attention

    /// Turns of queries and keys, where there are any, append and attention.
    private int attention(int i) {
        int at = i;
        Verb.@Nullable Turn first = null;
        Verb.@Nullable Turn second = null;
        if (verbs.get(at) instanceof Verb.Turn turn) {
            first = turn;
            at++;
            if (at < verbs.size() && verbs.get(at) instanceof Verb.Turn another) {
                second = another;
                at++;
            }
        }
        if (at + 1 >= verbs.size()
                || !(verbs.get(at) instanceof Verb.Append append)
                || !(verbs.get(at + 1) instanceof Verb.Attention attention)
                || append.layer() != attention.layer()
                || !turned(first, second, append.keys(), attention)) {
            return 0;
        }
        var cache = (GpuKvCache) attention.batch().runs().getFirst().cache();
        var heads = attention.heads();
        KvType type = cache.layout().type();
        int end = at + 2;
        if (type == KvType.Q8_0
                || heads.group() > MOST_SHARING
                || heads.kvHeads() > MOST_KV_HEADS
                || heads.keyLength() % 16 != 0
                || heads.valueLength() % 16 != 0
                || Math.max(heads.keyLength(), heads.valueLength()) > LONGEST_HEAD
                || heads.group() * Math.max(heads.keyLength(), heads.valueLength())
                        > MOST_SHARED_VALUES
                || same(attention.q(), append.keys())
                || !dead(attention.q(), end)
                || !dead(append.keys(), end)
                || !dead(append.values(), end)
                || end >= verbs.size()
                || !(verbs.get(end) instanceof Verb.Matmul next)
                || !same(next.x(), attention.out())
                || !fits(next.weight())
                || !dead(attention.out(), end + 1)) {
            return 0;
        }
        // As many workgroups as keep a large device busy, but not so many that adding up what they leave takes longer.
        int splits = Math.clamp(256 / heads.kvHeads(), 1, 32);
        int columns = heads.heads() * heads.valueLength();
        GpuMemory to = stepsOf(memory(attention.out()), columns);
        GpuMemory left =
                parts((long) splits * heads.heads() * (heads.valueLength() + 4) * Float.BYTES);
        Rope rope = first == null ? null : first.rope();
        if (rope != null) {
            backend.hazards().reads(turnsOf(rope));
        }
        backend.hazards().writes(to);
        backend.hazards().writes(left);
        backend.hazards().writes(backend.keys());
        backend.hazards().writes(backend.values());
        backend.start()
                .add(to.address())
                .add(backend.in(attention.q()))
                .add(backend.in(append.keys()))
                .add(backend.in(append.values()))
                .add(backend.batchMemory().caches())
                .add(backend.batchMemory().positions())
                .add(rope == null ? 0L : turnsOf(rope).address())
                .add(left.address())
                .add(tickets.address())
                .add(cache.keyOffset(attention.layer()))
                .add(cache.valueOffset(attention.layer()))
                .add(rope == null ? 0 : rope.pairs())
                .add(heads.scale());
        int pairing =
                rope == null ? 0 : rope.pairing() == Rope.Pairing.INTERLEAVED ? 1 : 2;
        backend.dispatch(
                backend.kernel(
                        "attend",
                        type.format().type().id(),
                        heads.group(),
                        heads.keyLength(),
                        heads.valueLength(),
                        pairing),
                heads.kvHeads(),
                splits);
        valid.put(memory(attention.out()), new Scaled(null));
        return end - i;
    }

    /// {@return whether the turns, if any, are those of the queries and of the keys}
    private static boolean turned(
            Verb.@Nullable Turn first,
            Verb.@Nullable Turn second,
            Buffer keys,
            Verb.Attention attention) {
        if (first == null) {
            return true;
        }
        return second != null
                && first.rope() == second.rope()
                && first.rope().pairs() <= LONGEST_HEAD / 2
                && first.headLength() == attention.heads().keyLength()
                && second.headLength() == attention.heads().keyLength()
                && (same(first.x(), attention.q()) && same(second.x(), keys)
                        || same(first.x(), keys) && same(second.x(), attention.q()));
    }

    private GpuMemory turnsOf(Rope rope) {
        return turns.computeIfAbsent(
                rope, r -> backend.take(2L * Float.BYTES * r.pairs(), GpuMemory.Kind.DEVICE));
    }

    /// All layers turn alike.
    private void turn(Rope rope) {
        backend.hazards().writes(turnsOf(rope));
        backend.start()
                .add(turnsOf(rope).address())
                .add(backend.batchMemory().positions())
                .add(backend.frequencies(rope).address())
                .add(rope.pairs())
                .add(rope.magnitude());
        backend.dispatch(backend.kernel("turns"), Math.ceilDiv(rope.pairs(), 128), 1);
    }

    private GpuMemory parts(long bytes) {
        if (parts == null || parts.size() < bytes) {
            parts = backend.take(bytes, GpuMemory.Kind.DEVICE);
        }
        return parts;
    }
}
