package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Panel.ROWS;
import static dev.jinrai.backend.vector.PanelKernel.CHUNK;
import static dev.jinrai.backend.vector.PanelKernel.MOST_SPAN;
import static dev.jinrai.backend.vector.TileKernel.HEIGHT;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One thread's working memory for a [PanelKernel]: a chunk of all rows of a panel, taken apart, or the parts of a span that is multiplied
/// with one token.
final class PanelScratch {
    /// Most sub-blocks of a chunk and of a span.
    private static final int CHUNK_SUBS = CHUNK / 16;

    private static final int SPAN_SUBS = MOST_SPAN / 16;

    private static final int MOST_SECTIONS = 3;

    /// Most bytes of scales that a block has, or eight blocks of 32.
    private static final int MOST_HEADER = 32;

    /// The code of weight `k` of a chunk, of row `r`: `codes[k · 64 + p]`, its place in a line ([Panel]).
    final byte[] codes = new byte[CHUNK * ROWS];

    /// The scale of sub-block `s` of a chunk, or of a span with sub-blocks of 32, of row `r`: `scales[s · 64 + r]`.
    final float[] scales = new float[MOST_SPAN / 32 * ROWS];

    /// What each weight of sub-block `s` of a chunk, of row `r`, is more than its scaled code: `offsets[s · 64 + r]`.
    final float[] offsets = new float[CHUNK_SUBS * ROWS];

    /// The offsets of a whole row, as [TileKernel] takes them: of sub-block `s`, of row `r`, `rowOffsets[(r / WIDTH · S + s) · WIDTH + r % WIDTH]`
    /// with `S` sub-blocks in a row.
    float[] rowOffsets = {};

    /// The codes of a span times a token, summed up sub-block by sub-block: `sums[s · 64 + r]`.
    final float[] sums = new float[SPAN_SUBS * ROWS];

    /// The same of sixteen-bit lanes ([CodeProduct]), or a chunk's with six tokens ([IntegerTile]).
    final short[] shortSums = new short[Math.max(2 * SPAN_SUBS, CHUNK_SUBS * HEIGHT) * ROWS];

    /// The codes of a chunk as [IntegerTile] takes them.
    final short[] wide = new short[CHUNK * ROWS];

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

    /// Keeps C2 from dropping loads that are there for the cache alone.
    int touched;

    private final long[] at = new long[MOST_SECTIONS];

    /// The format at hand.
    @Nullable PanelKernel kernel;

    /// The token of a product with one, which begins at `inputs[firstInput]`; the span is multiplied with its values from
    /// `inputs[input]` on.
    float[] inputs = {};

    int firstInput;
    int input;

    /// The same token rounded, if the format is multiplied so.
    @Nullable QuantizedTokens quantized;

    /// The first token of the tile at hand, and how many it has.
    int token;

    int tokens;

    /// Where the codes end that are at hand.
    long codesEnd;

    /// How many weights of a row are at hand, of a chunk or a span.
    int count;

    /// The lines of a span's scales, copied while its codes were read: scales are few, and what reads them alone waits for each line.
    final byte[] header = new byte[MOST_SPAN / CHUNK * MOST_HEADER * ROWS];

    /// Up to two factors of each block of a span and each row, while scales are decoded.
    final float[] factors = new float[MOST_SPAN / 32 * 2 * ROWS];

    /// Up to 32 small integers of each block of a span and each row, while scales are decoded.
    final byte[] packed = new byte[2 * SPAN_SUBS * ROWS];

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

    /// {@return where line `line` of the codes begins that follow those at hand; near the end of a band, one before it}
    long next(MemorySegment src, int line) {
        return Math.min(codesEnd + (long) line * ROWS, src.byteSize() - 32L * ROWS);
    }

    /// {@return the format at hand}
    PanelKernel kernel() {
        return Objects.requireNonNull(kernel);
    }

    QuantizedTokens quantized() {
        return Objects.requireNonNull(quantized);
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
