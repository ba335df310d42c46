package dev.jinrai.backend.vector;

import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.TensorWeight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// A quantized matrix, or a stack of them, whose products are taken from panels.
///
/// A slice is laid in panels when it is first multiplied with; the file's own pages are given back meanwhile, so a matrix
/// is in memory once. Until then, and for single rows, the file is read.
///
/// Panels lie in bands, some of them together, each section of theirs in one stretch: the thread that lays a band also
/// takes its memory, which Java fills with zeros, and gives back the file's pages. In one piece, one thread would fill all of it before others
/// could begin, and the largest matrix be in memory twice at the end.
final class PanelMatrix implements TensorWeight {
    private static final int PAGE = 4096;

    /// Where in a page the first section begins, so that no section begins at a multiple of 256 bytes: their lengths are multiples of
    /// 128, for each takes an even number of bytes of a block, or is followed by 64 bytes that are left out.
    ///
    /// Why is not known, but it was measured for each offset: where runs of codes begin at multiples of 256, Q4_K, Q5_K and Q8_0
    /// were a fifth to a third slower than at 64, 128 or 192 beyond.
    private static final int SECTION_OFFSET = 64;

    /// Most bytes of a band, unless one panel has more: so many that what the CPU's prefetcher loses at the end of each section is nothing
    /// beside them.
    private static final long BAND = 1 << 20;

    private final Tensor tensor;
    private @Nullable PanelKernel kernel;
    private final Arena arena;
    private final MemorySegment[] @Nullable [] slices;

    /// How many blocks a row has, panels a slice, and panels a band, but the last.
    private final int blocks;

    private final int count;
    private final int band;

    /// @param arena holds the panels; whoever closes it no longer uses this matrix
    PanelMatrix(Tensor tensor, Arena arena) {
        this.tensor = tensor;
        this.arena = arena;
        this.slices = new MemorySegment[tensor.slices()][];
        blocks = tensor.columns() / tensor.format().blockLength();
        count = Panel.count(tensor.rows());
        band = Math.clamp(BAND / panelBytes(), 1, count);
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
        return count;
    }

    /// {@return how many panels a band has, but the last}
    int band() {
        return band;
    }

    private int bands() {
        return Math.ceilDiv(count, band);
    }

    /// {@return how many panels a band has}
    private int panels(int number) {
        return Math.min(band, count - number * band);
    }

    /// Finds block `block` of the rows of a panel in its band.
    ///
    /// @param at receives the first byte of each section
    void place(int panel, int block, long[] at) {
        PanelSections sections = kernel().sections();
        int number = panel / band;
        long first = (long) (panel - number * band) * blocks + block;
        long inBand = (long) panels(number) * blocks;
        for (int s = 0; s < sections.count(); s++) {
            int bytes = sections.bytes(s, blockBytes());
            long before = inBand * sections.start(s);
            before += before % 2; // of MXFP4, whose first section has an odd number of bytes
            at[s] = (before + first * bytes) * Panel.ROWS;
        }
    }

    private int blockBytes() {
        return tensor.format().blockBytes();
    }

    /// {@return a slice's bands, laid if they are not yet}
    MemorySegment[] bands(int slice, Workers workers) {
        MemorySegment[] bands = slices[slice];
        if (bands == null) {
            bands = lay(slice, workers);
            slices[slice] = bands;
        }
        return bands;
    }

    private MemorySegment[] lay(int slice, Workers workers) {
        var bands = new MemorySegment[bands()];
        workers.parallel(
                bands.length,
                1,
                (first, last, worker) -> {
                    for (int b = first; b < last; b++) {
                        bands[b] = lay(slice, b);
                    }
                });
        unload(slice, 0, rows()); // a page that two bands share may have come back
        return bands;
    }

    private MemorySegment lay(int slice, int number) {
        int here = panels(number);
        long bytes = here * panelBytes();
        MemorySegment panels =
                arena.allocate(SECTION_OFFSET + bytes + Panel.ROWS, PAGE).asSlice(SECTION_OFFSET);
        long[] at = new long[kernel().sections().count()];
        int first = number * band;
        for (int p = first; p < first + here; p++) {
            for (int b = 0; b < blocks; b++) {
                place(p, b, at);
                lay(slice, p, b, panels, at);
            }
        }
        int row = first * Panel.ROWS;
        unload(slice, row, Math.min(rows() - row, here * Panel.ROWS));
        return panels;
    }

    /// Gives back the file's pages with `rows` rows from `row` on.
    private void unload(int slice, int row, int rows) {
        MemorySegment source =
                tensor.data().asSlice(tensor.offset(slice, row), rows * tensor.rowBytes());
        if (source.isMapped()) {
            source.unload();
        }
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
