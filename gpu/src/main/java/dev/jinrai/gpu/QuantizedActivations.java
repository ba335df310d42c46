package dev.jinrai.gpu;

import dev.jinrai.backend.Buffer;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/// Vectors quantized to sixteen bits (`quantized.glsl`), beside the buffers whose values they have.
///
/// Kernels that make a vector quantize it where they can; [#of] does it where none did. A vector that a norm follows is quantized
/// times the norm's weights: what else a norm does is to scale, which the product can do at its end.
final class QuantizedActivations {
    /// Values of a piece, and its bytes: codes, scales, squares.
    private static final int PIECE = 64;

    private static final long PIECE_BYTES = 176;

    private final GpuBackend backend;
    private final IdentityHashMap<GpuMemory, GpuMemory> memories = new IdentityHashMap<>();

    /// Those that have what their buffers have, as the recording stands.
    private final IdentityHashMap<GpuMemory, Weighted> current = new IdentityHashMap<>();

    /// What a vector is multiplied by before it is quantized.
    private record Weighted(@Nullable GpuWeight norm) {}

    QuantizedActivations(GpuBackend backend) {
        this.backend = backend;
    }

    /// Forgets what the vectors have.
    void clear() {
        current.clear();
    }

    /// Notes that `buffer` has other values from now on.
    void written(Buffer buffer) {
        current.remove(GpuBackend.memory(buffer));
    }

    /// {@return the first `columns` values of `x`, times the weights of `norm` if there is one; quantized here unless they are}
    GpuMemory of(Buffer x, int columns, @Nullable GpuWeight norm) {
        GpuMemory to = beside(x, columns);
        if (!new Weighted(norm).equals(current.get(GpuBackend.memory(x)))) {
            backend.hazards().writes(to);
            backend.start()
                    .add(to.address())
                    .add(backend.in(x))
                    .add(norm == null ? 0L : backend.vector(norm))
                    .add(columns);
            backend.dispatch(backend.kernel("quantize"), Math.ceilDiv(columns, 16 * 128), 1);
            made(x, norm);
        }
        return to;
    }

    /// Brings the row of the token to `x`, and quantizes it times the weights of `norm`.
    ///
    /// @param table has a multiple of 16 columns
    void embed(Buffer x, GpuWeight table, GpuWeight norm) {
        GpuMemory to = beside(x, table.columns());
        backend.hazards().writes(to);
        backend.start()
                .add(backend.out(x))
                .add(table.memory().address())
                .add(backend.batchMemory().tokens())
                .add(backend.vector(norm))
                .add(to.address())
                .add(backend.codebooks())
                .add(table.columns());
        backend.dispatch(
                backend.kernel(table.kernel("embedQuantized"), table.format()),
                Math.ceilDiv(table.columns(), 16 * 64),
                1);
        made(x, norm);
    }

    /// {@return where a kernel quantizes what `x` would have}
    GpuMemory beside(Buffer x, int columns) {
        long bytes = Math.ceilDiv(columns, PIECE) * PIECE_BYTES;
        GpuMemory of = GpuBackend.memory(x);
        GpuMemory known = memories.get(of);
        if (known == null || known.size() < bytes) {
            known = backend.take(bytes, GpuMemory.Kind.DEVICE);
            memories.put(of, known);
        }
        return known;
    }

    /// Notes that a kernel quantized what `x` has, or would have, times the weights of `norm` if there is one.
    void made(Buffer x, @Nullable GpuWeight norm) {
        current.put(GpuBackend.memory(x), new Weighted(norm));
    }

    /// {@return the memory beside a buffer that goes, if there is any: nothing uses it any more}
    @Nullable GpuMemory forget(GpuMemory buffer) {
        current.remove(buffer);
        return memories.remove(buffer);
    }
}
