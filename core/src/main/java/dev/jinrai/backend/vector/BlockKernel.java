package dev.jinrai.backend.vector;

import dev.jinrai.format.Format;
import java.lang.foreign.MemorySegment;

/// A format that has no kernel of its own: its rows are decoded by the definition, then multiplied as f32.
///
/// Slow, and right for every format: decoding takes several times what the multiplication does. Which formats are worth
/// panels is a question of who uses them.
record BlockKernel(Format format) implements RowKernel {
    @Override
    public void decode(MemorySegment src, long offset, int count, float[] dst, int to) {
        format.decode(src, offset, dst, to, count);
    }
}
