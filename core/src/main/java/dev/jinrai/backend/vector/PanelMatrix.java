package dev.jinrai.backend.vector;

import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.TensorWeight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A quantized matrix, or a stack of them, whose products are taken from panels.
///
/// A slice is laid in panels when it is first multiplied with; the file's own pages are given back then, so a matrix
/// is in memory once. Until then, and for single rows, the file is read.
final class PanelMatrix implements TensorWeight {
    private static final int PAGE = 4096;

    /// Where in a page the first section begins, so that no section begins at a multiple of 256 bytes: their lengths are multiples of
    /// 128, for each takes an even number of bytes of a block.
    ///
    /// Why is not known, but it was measured for each offset: where runs of codes begin at multiples of 256, Q4_K, Q5_K and Q8_0
    /// were a fifth to a third slower than at 64, 128 or 192 beyond.
    private static final int SECTION_OFFSET = 64;

    private final Tensor tensor;
    private @Nullable PanelKernel kernel;
    private final Arena arena;
    private final @Nullable MemorySegment[] slices;

    /// @param arena holds the panels; whoever closes it no longer uses this matrix
    PanelMatrix(Tensor tensor, Arena arena) {
        this.tensor = tensor;
        this.arena = arena;
        this.slices = new MemorySegment[tensor.slices()];
    }

    @Override
    public Tensor tensor() {
        return tensor;
    }

    /// {@return the format's kernel, looked up when it is first asked for: it takes the Vector API}
    PanelKernel kernel() {
        PanelKernel found = kernel;
        if (found == null) {
            found = PanelKernel.of(tensor.format()).orElseThrow();
            kernel = found;
        }
        return found;
    }

    /// {@return the size of a panel, all its sections together}
    long panelBytes() {
        return tensor.rowBytes() * Panel.ROWS;
    }

    /// {@return the size of the panels of all slices}
    long bytes() {
        return (long) slices.length * count() * panelBytes();
    }

    /// {@return how many panels a slice has}
    int count() {
        return Panel.count(rows());
    }

    /// Finds block `block` of the rows of a panel in a slice's panels.
    ///
    /// @param at receives the first byte of each section
    void place(int panel, int block, long[] at) {
        PanelSections sections = kernel().sections();
        long first = (long) panel * blocks() + block;
        for (int s = 0; s < sections.count(); s++) {
            int bytes = sections.bytes(s, blockBytes());
            long before = (long) count() * blocks() * sections.start(s);
            at[s] = (before + first * bytes) * Panel.ROWS;
        }
    }

    private int blocks() {
        return columns() / tensor.format().blockLength();
    }

    private int blockBytes() {
        return tensor.format().blockBytes();
    }

    /// {@return a slice's panels, each section of all of them in one stretch}
    MemorySegment panels(int slice, Workers workers) {
        MemorySegment panels = slices[slice];
        if (panels == null) {
            panels = lay(slice, workers);
            slices[slice] = panels;
        }
        return panels;
    }

    private MemorySegment lay(int slice, Workers workers) {
        long bytes = count() * panelBytes();
        MemorySegment panels = arena.allocate(SECTION_OFFSET + bytes, PAGE).asSlice(SECTION_OFFSET);
        workers.parallel(
                count(),
                1,
                (first, last, worker) -> {
                    long[] at = new long[kernel().sections().count()];
                    for (int p = first; p < last; p++) {
                        for (int b = 0; b < blocks(); b++) {
                            place(p, b, at);
                            lay(slice, p, b, panels, at);
                        }
                    }
                });
        long sliceBytes = rows() * tensor.rowBytes();
        MemorySegment source = tensor.data().asSlice(slice * sliceBytes, sliceBytes);
        if (source.isMapped()) {
            source.unload();
        }
        return panels;
    }

    private void lay(int slice, int panel, int block, MemorySegment panels, long[] at) {
        PanelSections sections = kernel().sections();
        int row = panel * Panel.ROWS;
        long from = tensor.offset(slice, row) + (long) block * blockBytes();
        for (int s = 0; s < sections.count(); s++) {
            Panel.lay(
                    tensor.data(),
                    from + sections.start(s),
                    tensor.rowBytes(),
                    sections.bytes(s, blockBytes()),
                    Math.min(Panel.ROWS, rows() - row),
                    panels,
                    at[s]);
        }
    }
}
