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
    private final Tensor tensor;
    private final PanelKernel kernel;
    private final Arena arena;
    private final @Nullable MemorySegment[] slices;

    /// @param arena holds the panels; whoever closes it no longer uses this matrix
    PanelMatrix(Tensor tensor, PanelKernel kernel, Arena arena) {
        this.tensor = tensor;
        this.kernel = kernel;
        this.arena = arena;
        this.slices = new MemorySegment[tensor.slices()];
    }

    @Override
    public Tensor tensor() {
        return tensor;
    }

    PanelKernel kernel() {
        return kernel;
    }

    /// {@return the size of a panel, in bytes}
    long panelBytes() {
        return tensor.rowBytes() * Panel.ROWS;
    }

    /// {@return a slice's panels, one after the other}
    MemorySegment panels(int slice, Workers workers) {
        MemorySegment panels = slices[slice];
        if (panels == null) {
            panels = lay(slice, workers);
            slices[slice] = panels;
        }
        return panels;
    }

    private MemorySegment lay(int slice, Workers workers) {
        int count = Panel.count(rows());
        MemorySegment panels = arena.allocate(count * panelBytes(), 64);
        workers.parallel(
                count,
                1,
                (first, last, worker) -> {
                    for (int p = first; p < last; p++) {
                        Panel.lay(
                                tensor.data(),
                                tensor.offset(slice, p * Panel.ROWS),
                                tensor.rowBytes(),
                                Math.min(Panel.ROWS, rows() - p * Panel.ROWS),
                                panels,
                                p * panelBytes());
                    }
                });
        long sliceBytes = rows() * tensor.rowBytes();
        MemorySegment source = tensor.data().asSlice(slice * sliceBytes, sliceBytes);
        if (source.isMapped()) {
            source.unload();
        }
        return panels;
    }
}
