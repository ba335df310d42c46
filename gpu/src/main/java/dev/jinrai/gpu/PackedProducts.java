package dev.jinrai.gpu;

import dev.jinrai.backend.Activation;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Weight;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Products of quantized weights with one quantized vector, by dot products of packed bytes (`dots.glsl`): several products, or a
/// product and what follows it, in one command.
final class PackedProducts {
    /// The most products of one command.
    private static final int MOST_PRODUCTS = 3;

    /// Rows of a workgroup.
    private static final int GROUP_ROWS = 16;

    /// The most parts of a row, each of which a subgroup multiplies.
    private static final int MOST_PARTS = 16;

    /// Parts of a row up to which a workgroup takes many rows.
    private static final int MANY_PARTS = 4;

    /// Values of the vector that an invocation keeps.
    private static final int KEPT = 64;

    /// Invocations of a workgroup that has a core to itself, if a row's parts need no more.
    private static final int MOST_INVOCATIONS = 512;

    /// Cores where the driver does not say: those of a large device, NVIDIA's H200. One with fewer runs the workgroups one after
    /// another, one with more leaves some idle. What that costs was not measured.
    private static final int MANY_CORES = 132;

    private final GpuBackend backend;
    private final int largestGroup;
    private final int subgroup;
    private final int exactHalves;

    /// Cores, of which a matrix of many rows keeps each busy with one workgroup.
    private final int cores;

    /// @param exactHalves whether the device's own conversion of halves is exact
    PackedProducts(GpuBackend backend, GpuInfo info, boolean exactHalves) {
        this.backend = backend;
        this.largestGroup = info.largestGroup();
        this.subgroup = info.subgroup();
        this.cores = info.cores() == 0 ? MANY_CORES : info.cores();
        this.exactHalves = exactHalves ? 1 : 0;
    }

    /// {@return whether there are kernels for a weight}
    static boolean fits(Weight weight) {
        return weight.slices() == 1 && ((GpuWeight) weight).tensor().format().blockLength() > 1;
    }

    /// {@return whether the kernels whose results are quantized can make as many}
    static boolean wholeGroups(Weight weight) {
        return weight.rows() % GROUP_ROWS == 0;
    }

    /// {@return how many of `products` fit into one command: three of two formats, those of the first format first}
    static int together(List<Verb.Matmul> products) {
        int first = format(products.getFirst());
        int count = 1;
        int other = first;
        while (count < Math.min(MOST_PRODUCTS, products.size())) {
            int format = format(products.get(count));
            if (other == first) {
                other = format;
            }
            if (format != other) {
                break;
            }
            count++;
        }
        return count;
    }

    private static int format(Verb.Matmul product) {
        return weight(product).format();
    }

    private static GpuWeight weight(Verb.Matmul product) {
        return (GpuWeight) product.weight();
    }

    /// `out = w · x` for each, times what a norm of `x` divides by if `norm` is there.
    ///
    /// @param products as many as go [#together]
    /// @param host gets what the first one's output gets, if it is there
    void multiply(
            List<Verb.Matmul> products,
            GpuMemory x,
            Verb.@Nullable RmsNorm norm,
            @Nullable GpuMemory host) {
        GpuWeight first = weight(products.getFirst());
        GpuWeight last = weight(products.getLast());
        backend.hazards().reads(x);
        Arguments arguments = backend.start().add(x.address());
        for (int i = 0; i < MOST_PRODUCTS; i++) {
            arguments.add(i < products.size() ? weight(products.get(i)).memory().address() : 0L);
        }
        for (int i = 0; i < MOST_PRODUCTS; i++) {
            arguments.add(i < products.size() ? backend.out(products.get(i).out()).address() : 0L);
        }
        arguments.add(host == null ? 0L : host.address()).add(backend.codebooks());
        int groups = 0;
        for (int i = 0; i < MOST_PRODUCTS; i++) {
            int rows = i < products.size() ? products.get(i).weight().rows() : 0;
            arguments.add(rows);
            groups += Math.ceilDiv(rows, GROUP_ROWS);
        }
        long ofFirst = products.stream().filter(p -> format(p) == first.format()).count();
        arguments.add((int) ofFirst).add(norm == null ? 0 : norm.epsilon());
        dispatch(
                kernel("products", first, last),
                first,
                type(last),
                groups,
                1,
                norm != null,
                products.size() == 1);
    }

    /// `to = f(gate · x) ⊙ (up · x)`, quantized, where the products are times what the norm of `x` divides by.
    void gate(
            GpuMemory to,
            GpuWeight gate,
            Activation f,
            GpuWeight up,
            GpuMemory x,
            Verb.RmsNorm norm) {
        backend.hazards().reads(x);
        backend.hazards().writes(to);
        backend.start()
                .add(x.address())
                .add(gate.memory().address())
                .add(up.memory().address())
                .add(to.address())
                .add(backend.codebooks())
                .add(gate.rows())
                .add(norm.epsilon());
        int groups = gate.rows() / GROUP_ROWS;
        dispatch(gate.kernel("productGate"), gate, GpuBackend.number(f), groups, 2, true, true);
    }

    /// `sum += w · x`.
    ///
    /// @param next gets the sum quantized, times the weights of `norm` if they are there
    void add(
            Buffer sum,
            GpuWeight w,
            GpuMemory x,
            @Nullable GpuMemory next,
            @Nullable GpuWeight norm) {
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
                .add(backend.codebooks())
                .add(w.rows());
        dispatch(w.kernel("productAdd"), w, 0, w.rows() / GROUP_ROWS, 1, false, true);
    }

    /// {@return the variant of a kernel that has the formats of both}
    private static String kernel(String name, GpuWeight first, GpuWeight last) {
        String kernel = first.kernel(name);
        return kernel.equals(name) ? last.kernel(name) : kernel;
    }

    private static int type(GpuWeight w) {
        return w.tensor().format().type().id();
    }

    /// @param constant the kernel's own specialization constant
    /// @param groups workgroups, if each has sixteen rows of a result
    /// @param matrices how many matrices a row of the result is of
    /// @param alone whether there is one result
    private void dispatch(
            String kernel,
            GpuWeight w,
            int constant,
            int groups,
            int matrices,
            boolean normed,
            boolean alone) {
        int most = Math.min(MOST_PARTS, largestGroup / subgroup);
        int parts = Math.clamp(Math.ceilDiv(w.columns(), KEPT * subgroup), 1, most);
        boolean many = alone && parts <= MANY_PARTS && groups > 2 * cores;
        int invocations = many || groups <= cores ? MOST_INVOCATIONS : MOST_INVOCATIONS / 2;
        int beside = Math.min(largestGroup, invocations) / subgroup / parts;
        invocations = parts * Math.max(1, Integer.highestOneBit(beside)) * subgroup;
        int each = many ? shared(groups, invocations / GROUP_ROWS) : 1;
        backend.dispatch(
                backend.kernel(
                        kernel,
                        type(w),
                        constant,
                        invocations,
                        matrices,
                        normed ? 1 : 0,
                        w.columns(),
                        exactHalves,
                        each,
                        parts),
                Math.ceilDiv(groups, each),
                1);
    }

    /// {@return how many of `groups` a workgroup takes, at most `most`, so that each core has as many}
    private int shared(int groups, int most) {
        return Math.ceilDiv(groups, cores * Math.ceilDiv(groups, cores * most));
    }
}
