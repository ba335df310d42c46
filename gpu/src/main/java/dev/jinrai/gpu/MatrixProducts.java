package dev.jinrai.gpu;

import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Weight;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/// Products of quantized weights with many tokens by cooperative matrices of halves (`matmulMatrices.comp`): weights are rounded to
/// eleven bits, activations too, with a power of two for each token so that none is out of range; sums are f32.
final class MatrixProducts {
    /// Columns that the kernel takes at a time.
    private static final int DEPTH = 64;

    private static final int FEWEST_COLUMNS = 1024;
    private static final int FEWEST_ROWS = 256;

    private static final int SMALL_TILE = 64;
    private static final int LARGE_TILE = 128;

    /// Workgroups that keep a large device busy; tiles are made smaller until there are as many.
    private static final int BUSY = 100;

    private final GpuBackend backend;
    private final int exactHalves;

    /// Activations as halves with their scales, beside the buffers that have them as f32.
    private final IdentityHashMap<GpuMemory, Halved> halves = new IdentityHashMap<>();

    /// The buffers whose halves are what they have, as the recording stands.
    private final Set<GpuMemory> current = Collections.newSetFromMap(new IdentityHashMap<>());

    private record Halved(GpuMemory values, GpuMemory scales) {}

    /// @param exactHalves whether the device's own conversion of halves is exact
    MatrixProducts(GpuBackend backend, boolean exactHalves) {
        this.backend = backend;
        this.exactHalves = exactHalves ? 1 : 0;
    }

    /// {@return whether there is a kernel for a weight, and enough to win: small matrices keep the exact product}
    static boolean fits(Weight weight) {
        return ((GpuWeight) weight).tensor().format().blockLength() > 1
                && weight.columns() % DEPTH == 0
                && weight.columns() >= FEWEST_COLUMNS
                && weight.rows() >= FEWEST_ROWS;
    }

    /// Forgets which halves are made.
    void clear() {
        current.clear();
    }

    /// Notes that `memory` has other values from now on.
    void written(GpuMemory memory) {
        current.remove(memory);
    }

    /// Gives back what belongs to the memory of a buffer that is given back.
    void forget(GpuMemory memory) {
        current.remove(memory);
        Halved halved = halves.remove(memory);
        if (halved != null) {
            backend.close(halved.values());
            backend.close(halved.scales());
        }
    }

    /// `out = w · x` for each token of `x`.
    void multiply(Buffer out, GpuWeight w, Buffer x) {
        Halved halved = halved(x);
        int tokens = x.rows();
        int tileRows = LARGE_TILE;
        int tileTokens = tokens <= SMALL_TILE ? SMALL_TILE : LARGE_TILE;
        if (groups(w, tileRows, tokens, tileTokens) < BUSY) {
            tileRows = SMALL_TILE;
        }
        if (groups(w, tileRows, tokens, tileTokens) < BUSY) {
            tileTokens = SMALL_TILE;
        }
        backend.hazards().reads(halved.values());
        backend.hazards().reads(halved.scales());
        backend.start()
                .add(backend.out(out))
                .add(w.memory().address())
                .add(halved.values().address())
                .add(halved.scales().address())
                .add(backend.codebooks())
                .add(w.rows())
                .add(w.columns())
                .add(tokens);
        backend.dispatch(
                backend.kernel(
                        w.kernel("matmulMatrices"), w.format(), tileRows, tileTokens, exactHalves),
                Math.ceilDiv(w.rows(), tileRows),
                Math.ceilDiv(tokens, tileTokens));
    }

    private static int groups(GpuWeight w, int tileRows, int tokens, int tileTokens) {
        return Math.ceilDiv(w.rows(), tileRows) * Math.ceilDiv(tokens, tileTokens);
    }

    /// {@return `x` as halves, made here unless they are}
    private Halved halved(Buffer x) {
        GpuMemory memory = GpuBackend.memory(x);
        Halved halved = halves.computeIfAbsent(memory, this::room);
        if (current.add(memory)) {
            backend.hazards().writes(halved.values());
            backend.hazards().writes(halved.scales());
            backend.start()
                    .add(halved.values().address())
                    .add(halved.scales().address())
                    .add(backend.in(x))
                    .add(x.columns());
            backend.dispatch(backend.kernel("halve"), x.rows(), 1);
        }
        return halved;
    }

    /// As much as any activations in `memory` need: they have {@value #DEPTH} columns or more.
    private Halved room(GpuMemory memory) {
        long values = memory.size() / Float.BYTES;
        return new Halved(
                backend.take(values * Short.BYTES, GpuMemory.Kind.DEVICE),
                backend.take(Math.ceilDiv(values, DEPTH) * Float.BYTES, GpuMemory.Kind.DEVICE));
    }
}
