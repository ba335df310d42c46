package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Panel.ROWS;
import static dev.jinrai.backend.vector.PanelKernel.CHUNK;
import static dev.jinrai.backend.vector.PanelKernel.MOST_SPAN;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One thread's working memory for a [PanelKernel]: a chunk of all rows of a panel, decoded, or the parts of a span that is multiplied
/// with one token.
final class PanelScratch {
    /// Most sub-blocks of a chunk and of a span.
    private static final int CHUNK_SUBS = CHUNK / 16;

    private static final int SPAN_SUBS = MOST_SPAN / 16;

    private static final int MOST_SECTIONS = 3;

    /// Most bytes of scales that a block of 256 weights has, or eight of 32.
    private static final int MOST_HEADER = 18;

    /// The code of weight `k` of a chunk, of row `r`, signed: `codes[k · 64 + p]`, its place in a line ([Panel]).
    final byte[] codes = new byte[CHUNK * ROWS];

    /// The scale of sub-block `s` of a chunk, of row `r`: `scales[s · 64 + r]`.
    final float[] scales = new float[CHUNK_SUBS * ROWS];

    /// What each weight of sub-block `s` of a chunk, of row `r`, is more than its scaled code: `offsets[s · 64 + r]`.
    final float[] offsets = new float[CHUNK_SUBS * ROWS];

    /// The codes of a span times a token, summed up sub-block by sub-block: `sums[s · 64 + r]`.
    final float[] sums = new float[SPAN_SUBS * ROWS];

    /// The weights of the chunk, decoded, as [TileKernel] takes them: weight `k` of row `r` is
    /// `weights[(r / WIDTH · CHUNK + k) · WIDTH + r % WIDTH]`.
    final float[] weights = new float[CHUNK * ROWS];

    /// The length of a line, [Panel#ROWS]; deliberately no constant.
    ///
    /// C2 unrolls loops with a constant stride, and the loads of an unrolled body come in any order. The CPU's prefetcher
    /// wants ascending lines: a loop over lines of Q8_0 read 11 GB/s unrolled, and 32 so.
    long stride = ROWS;

    /// 1; deliberately no constant, as [#stride].
    int step = 1;

    /// Two sums of each block of a span and each row, of which each has one factor.
    final float[] blockSums = new float[MOST_SPAN / CHUNK * 2 * ROWS];

    private final long[] at = new long[MOST_SECTIONS];

    /// The format at hand.
    @Nullable PanelKernel kernel;

    /// The token of a product with one, which begins at `inputs[firstInput]`; the span is multiplied with its values from
    /// `inputs[input]` on.
    float[] inputs = {};

    int firstInput;
    int input;

    /// The sums of the values of each of its sub-blocks.
    float[] inputSums = {};

    /// How many weights of a row are at hand, of a chunk or a span.
    int count;

    /// The lines of a span's scales, copied while its codes are read: a pass that reads scales alone waits for each line.
    final byte[] header = new byte[MOST_SPAN / CHUNK * MOST_HEADER * ROWS];

    /// Up to two factors of each block of a span and each row, while scales are decoded.
    final float[] factors = new float[MOST_SPAN / CHUNK * 2 * ROWS];

    /// Up to sixteen small integers of each block of a span and each row, while scales are decoded.
    final byte[] packed = new byte[SPAN_SUBS * ROWS];

    /// The product of each row with token `t`: `results[t · 64 + r]`.
    float[] results = {};

    /// {@return where the bytes of section `s` of the first block at hand begin}
    long at(int s) {
        return at[s];
    }

    /// Turns to the chunk or span that begins with block `block` of a panel.
    void place(PanelMatrix w, int panel, int block) {
        w.place(panel, block, at);
    }

    /// {@return the format at hand}
    PanelKernel kernel() {
        return Objects.requireNonNull(kernel);
    }

    /// {@return the number of the span's first sub-block}
    int subBlock() {
        return (input - firstInput) / kernel().sub();
    }

    /// Makes room for the results of `tokens` tokens, and of what the last tile has beyond them.
    float[] reserve(int tokens) {
        int size = (tokens + TileKernel.HEIGHT - 1) * ROWS;
        if (results.length < size) {
            results = new float[size];
        }
        return results;
    }
}
