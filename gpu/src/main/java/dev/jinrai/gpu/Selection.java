package dev.jinrai.gpu;

import dev.jinrai.backend.Buffer;
import java.util.IdentityHashMap;

/// The largest values of rows (`largest.comp`): each workgroup keeps those of a piece of a row, and what all of them kept is cut into
/// pieces again, until one is left.
final class Selection {
    /// Values of a piece. Twice as many as may be kept of it at most: a step leaves fewer than the one before.
    private static final int PIECE = 2048;

    private final GpuBackend backend;

    /// What pieces kept, beside the buffers that get the result.
    private final IdentityHashMap<GpuMemory, Keys> keys = new IdentityHashMap<>();

    /// A step reads what the one before wrote, and writes to the other.
    private record Keys(GpuMemory from, GpuMemory to) {
        Keys swapped() {
            return new Keys(to, from);
        }
    }

    Selection(GpuBackend backend) {
        this.backend = backend;
    }

    /// [dev.jinrai.backend.Backend#largest]
    void largest(Buffer out, Buffer x, int columns) {
        int kept = out.columns() / 2;
        Keys room = beside(out, x);
        boolean first = true;
        boolean last = false;
        for (int count = columns; !last; ) {
            int pieces = Math.ceilDiv(count, PIECE);
            last = pieces == 1;
            GpuMemory to = last ? backend.out(out).memory() : room.to();
            backend.hazards().reads(room.from());
            backend.hazards().writes(to);
            backend.start()
                    .add(to.address())
                    .add(room.from().address())
                    .add(backend.in(x))
                    .add(count)
                    .add(x.columns())
                    .add(kept);
            backend.dispatch(
                    backend.kernel("largest", first ? 1 : 0, last ? 1 : 0), pieces, x.rows());
            room = room.swapped();
            first = false;
            count = pieces * kept;
        }
    }

    /// {@return room for what the first step keeps, which keeps most; one for each buffer, as recorded passes name it}
    private Keys beside(Buffer out, Buffer x) {
        long pieces = Math.ceilDiv(x.columns(), PIECE);
        long bytes = x.rows() * pieces * (out.columns() / 2) * Long.BYTES;
        Keys known = keys.get(GpuBackend.memory(out));
        if (known == null || known.from().size() < bytes) {
            known =
                    new Keys(
                            backend.take(bytes, GpuMemory.Kind.DEVICE),
                            backend.take(bytes, GpuMemory.Kind.DEVICE));
            keys.put(GpuBackend.memory(out), known);
        }
        return known;
    }

    /// Gives back what belongs to the memory of a buffer that is given back.
    void forget(GpuMemory memory) {
        Keys known = keys.remove(memory);
        if (known != null) {
            backend.close(known.from());
            backend.close(known.to());
        }
    }
}
