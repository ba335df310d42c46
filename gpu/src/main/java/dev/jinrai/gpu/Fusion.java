package dev.jinrai.gpu;

import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Rope;
import dev.jinrai.backend.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Makes few commands of a pass of one token: at that size the time goes into commands that wait for each other.
///
/// ```
/// embed                      with what quantizes it for the norm behind it
/// norm, products             one: a norm only scales what products of its input with its weights give
/// norm, product, product, gate  one, which quantizes its result
/// product, add               one, which also quantizes the sum for what reads it next
/// rotations, append, attention  one, which quantizes its result
/// ```
/// Products are [PackedProducts], attention is [SplitAttention]. A verb is left out only where nothing reads its result; what fits
/// none of this is issued as it is.
final class Fusion {
    private final GpuBackend backend;
    private final QuantizedActivations quantized;
    private final PackedProducts products;
    private final SplitAttention attention;
    private List<Verb> verbs = List.of();

    /// @param exactHalves whether the device's own conversion of halves is exact
    Fusion(GpuBackend backend, GpuInfo info, boolean exactHalves) {
        this.backend = backend;
        this.quantized = new QuantizedActivations(backend);
        this.products = new PackedProducts(backend, info, exactHalves);
        this.attention = new SplitAttention(backend, info, exactHalves);
    }

    /// Issues the verbs of a pass of one token, after which no buffer is read but the one that was written last, and the one that
    /// [dev.jinrai.backend.Backend#largest] read if it is the last verb: a verb whose result that reads is never left out.
    void issue(List<Verb> pass) {
        quantized.clear();
        verbs = withoutSelect(pass);
        verbs.stream()
                .map(Fusion::rope)
                .filter(Objects::nonNull)
                .distinct()
                .forEach(attention::rotate);
        for (int i = 0; i < verbs.size(); ) {
            int done = fused(i);
            i += done > 0 ? done : alone(i);
        }
        verbs = List.of();
    }

    /// {@return memory that nothing uses any more where `buffer` goes, if there is any}
    @Nullable GpuMemory forget(GpuMemory buffer) {
        return quantized.forget(buffer);
    }

    private static @Nullable Rope rope(Verb verb) {
        return verb instanceof Verb.Rotate rotate ? rotate.rope() : null;
    }

    /// A selection of the one token is that token's row itself.
    private List<Verb> withoutSelect(List<Verb> pass) {
        verbs = pass;
        List<Verb> kept = new ArrayList<>();
        for (int i = 0; i < pass.size(); i++) {
            if (pass.get(i) instanceof Verb.Select(var out, var x, var batch)
                    && verb(i + 1) instanceof Verb.RmsNorm(var to, var from, var w, var epsilon)
                    && same(out, from)
                    && batch.outputs() == 1
                    && dead(out, i + 2)) {
                kept.add(new Verb.RmsNorm(to, x, w, epsilon));
                i++;
            } else {
                kept.add(pass.get(i));
            }
        }
        return kept;
    }

    // ---- what is read

    /// {@return verb `i`, if there are so many}
    private @Nullable Verb verb(int i) {
        return i < verbs.size() ? verbs.get(i) : null;
    }

    private static boolean same(Buffer a, Buffer b) {
        return GpuBackend.memory(a).equals(GpuBackend.memory(b));
    }

    private static boolean among(List<Buffer> buffers, Buffer buffer) {
        return buffers.stream().anyMatch(b -> same(b, buffer));
    }

    /// {@return whether nothing from verb `from` on reads what `buffer` has}
    private boolean dead(Buffer buffer, int from) {
        for (Verb verb : verbs.subList(from, verbs.size())) {
            if (among(verb.reads(), buffer)) {
                return false;
            }
            if (among(verb.writes(), buffer)) {
                return true;
            }
        }
        return !among(verbs.getLast().writes(), buffer);
    }

    // ---- verbs

    /// Issues verb `i` by itself, or an addition with the norm that follows it.
    private int alone(int i) {
        Verb verb = verbs.get(i);
        int done = 1;
        if (verb instanceof Verb.Add(var x, var y)
                && verb(i + 1) instanceof Verb.RmsNorm(var out, var of, var w, var epsilon)
                && same(x, of)) {
            backend.addRmsNorm(out, x, y, w, epsilon);
            quantized.written(out);
            done = 2;
        } else {
            verb.to(backend);
        }
        verb.writes().forEach(quantized::written);
        return done;
    }

    /// Issues what begins with verb `i` as one.
    ///
    /// @return how many verbs that was, or 0
    private int fused(int i) {
        return switch (verbs.get(i)) {
            case Verb.Embed embed -> embed(i, embed);
            case Verb.RmsNorm norm -> normedProducts(i, norm);
            case Verb.Matmul product -> product(i, product);
            case Verb.Rotate _, Verb.Append _ -> attention(i);
            case Verb.Attention _, Verb.Add _, Verb.Gate _, Verb.Select _, Verb.Other _ -> 0;
        };
    }

    /// The token's row, quantized for the norm that reads it, if a product follows that.
    private int embed(int i, Verb.Embed embed) {
        if (verb(i + 1) instanceof Verb.RmsNorm norm
                && same(norm.x(), embed.out())
                && verb(i + 2) instanceof Verb.Matmul product
                && same(product.x(), norm.out())
                && fits(product.weight(), embed.out())) {
            quantized.embed(embed.out(), (GpuWeight) embed.table(), (GpuWeight) norm.weight());
            return 1;
        }
        return 0;
    }

    /// A norm with all the products that read it.
    private int normedProducts(int i, Verb.RmsNorm norm) {
        List<Verb.Matmul> readers = new ArrayList<>();
        while (verb(i + 1 + readers.size()) instanceof Verb.Matmul product
                && same(product.x(), norm.out())
                && PackedProducts.fits(product.weight())) {
            readers.add(product);
        }
        int end = i + 1 + readers.size();
        if (readers.isEmpty()
                || !dead(norm.out(), end)
                || norm.x().columns() != readers.getFirst().weight().columns()) {
            return 0;
        }
        GpuMemory x = quantized.of(norm.x(), norm.x().columns(), (GpuWeight) norm.weight());
        if (readers.size() == 2 && gated(end, norm, readers.getFirst(), readers.getLast(), x)) {
            return end + 1 - i;
        }
        multiply(readers, x, norm, end);
        return end - i;
    }

    /// @param end the verb behind the products
    private void multiply(
            List<Verb.Matmul> readers, GpuMemory x, Verb.@Nullable RmsNorm norm, int end) {
        for (int at = 0; at < readers.size(); ) {
            var rest = readers.subList(at, readers.size());
            var some = rest.subList(0, PackedProducts.together(rest));
            boolean last = readers.size() == 1 && end == verbs.size();
            var host = last ? backend.mirror((GpuBuffer) some.getFirst().out()) : null;
            products.multiply(some, x, norm, host);
            some.forEach(p -> quantized.written(p.out()));
            at += some.size();
        }
    }

    /// Two products with the gate behind them, at verb `at`, if only one product reads what it gives.
    private boolean gated(
            int at, Verb.RmsNorm norm, Verb.Matmul gate, Verb.Matmul up, GpuMemory x) {
        GpuWeight w = (GpuWeight) gate.weight();
        GpuWeight other = (GpuWeight) up.weight();
        if (verb(at) instanceof Verb.Gate(var gated, var f, var by)
                && same(gated, gate.out())
                && same(by, up.out())
                && !same(gated, norm.x())
                && dead(by, at + 1)
                && readByProduct(gated, at + 1)
                && w.format() == other.format()
                && w.rows() == other.rows()
                && PackedProducts.wholeGroups(w)) {
            products.gate(quantized.beside(gated, w.rows()), w, f, other, x, norm);
            quantized.made(gated, null);
            return true;
        }
        return false;
    }

    /// {@return whether verb `i` is a product of `x`, and the last to read it}
    private boolean readByProduct(Buffer x, int i) {
        return verb(i) instanceof Verb.Matmul next
                && same(next.x(), x)
                && fits(next.weight(), x)
                && dead(x, i + 1);
    }

    private static boolean fits(Weight weight, Buffer x) {
        return PackedProducts.fits(weight) && weight.columns() == x.columns();
    }

    /// A product, with the addition that follows it if one does.
    private int product(int i, Verb.Matmul product) {
        GpuWeight w = (GpuWeight) product.weight();
        if (!fits(w, product.x())) {
            return 0;
        }
        GpuMemory x = quantized.of(product.x(), w.columns(), null);
        if (verb(i + 1) instanceof Verb.Add(var sum, var y)
                && same(y, product.out())
                && !same(sum, y)
                && !same(
                        sum,
                        product.x()) // whose quantized values are read while the sum's are written
                && dead(y, i + 2)
                && PackedProducts.wholeGroups(w)) {
            GpuWeight norm = nextNorm(sum, i + 2);
            GpuMemory next = norm == null ? null : quantized.beside(sum, w.rows());
            products.add(sum, w, x, next, norm);
            quantized.written(sum);
            if (next != null) {
                quantized.made(sum, norm);
            }
            return 2;
        }
        multiply(List.of(product), x, null, i + 1);
        return 1;
    }

    /// {@return the weights of the norm that reads `x` next, if a norm does}
    private @Nullable GpuWeight nextNorm(Buffer x, int from) {
        for (Verb verb : verbs.subList(from, verbs.size())) {
            if (verb instanceof Verb.RmsNorm norm && same(norm.x(), x)) {
                return (GpuWeight) norm.weight();
            }
            if (among(verb.writes(), x)) {
                return null;
            }
        }
        return null;
    }

    /// Rotations of queries and keys, where there are any, append and attention, if only a product reads what it gives.
    private int attention(int i) {
        Rope rope = rope(verbs.get(i));
        int at = rope == null ? i : i + 2;
        if (!(verb(at) instanceof Verb.Append append)
                || !(verb(at + 1) instanceof Verb.Attention attend)
                || append.layer() != attend.layer()
                || same(attend.q(), append.keys())
                || (rope != null && !rotated(i, rope, append.keys(), attend))) {
            return 0;
        }
        int end = at + 2;
        if (!attention.fits(attend.heads(), SplitAttention.cache(attend).layout().type(), rope)
                || !dead(attend.q(), end)
                || !dead(append.keys(), end)
                || !dead(append.values(), end)
                || !readByProduct(attend.out(), end)) {
            return 0;
        }
        GpuMemory to = quantized.beside(attend.out(), attend.out().columns());
        attention.attend(to, append, attend, rope);
        quantized.made(attend.out(), null);
        return end - i;
    }

    /// {@return whether verbs `i` and `i + 1` rotate the queries and the keys}
    private boolean rotated(int i, Rope rope, Buffer keys, Verb.Attention attend) {
        int length = attend.heads().keyLength();
        return verbs.get(i) instanceof Verb.Rotate first
                && verb(i + 1) instanceof Verb.Rotate second
                && second.rope().equals(rope)
                && first.headLength() == length
                && second.headLength() == length
                && ((same(first.x(), attend.q()) && same(second.x(), keys))
                        || (same(first.x(), keys) && same(second.x(), attend.q())));
    }
}
