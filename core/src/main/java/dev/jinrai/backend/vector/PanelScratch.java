package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Panel.ROWS;
import static dev.jinrai.backend.vector.PanelKernel.CHUNK;
import static dev.jinrai.backend.vector.PanelKernel.MOST_SPAN;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One thread's working memory for a [PanelKernel]: a chunk of all rows of a panel, taken apart.
final class PanelScratch {
    private static final int MOST_SUBS = MOST_SPAN / 16;

    /// The code of weight `k` of row `r`, signed: `codes[k · 64 + p]`, its place in a line ([Panel]).
    final byte[] codes = new byte[CHUNK * ROWS];

    /// The scale of sub-block `s` of row `r`: `scales[s · 64 + r]`.
    final float[] scales = new float[MOST_SUBS * ROWS];

    /// What each weight of sub-block `s` of row `r` is more than its scaled code: `offsets[s · 64 + r]`.
    final float[] offsets = new float[MOST_SUBS * ROWS];

    /// The codes times a token, summed up sub-block by sub-block: `sums[s · 64 + r]`.
    final float[] sums = new float[MOST_SUBS * ROWS];

    /// The weights of the chunk, decoded, as [TileKernel] takes them: weight `k` of row `r` is
    /// `weights[(r / WIDTH · CHUNK + k) · WIDTH + r % WIDTH]`.
    final float[] weights = new float[CHUNK * ROWS];

    /// The length of a line, [Panel#ROWS]; deliberately no constant.
    ///
    /// C2 unrolls loops with a constant stride, and the loads of an unrolled body come in any order. The CPU's prefetcher
    /// wants ascending lines: a loop over lines of Q8_0 read 11 GB/s unrolled, and 32 so.
    long stride = ROWS;

    private final long[] at = new long[3];

    /// The format at hand.
    @Nullable PanelKernel kernel;

    /// The token of a product with one, which begins at `inputs[firstInput]`; the chunk is multiplied with its values from
    /// `inputs[input]` on.
    float[] inputs = {};

    int firstInput;
    int input;

    /// The sums of the values of each of its sub-blocks.
    float[] inputSums = {};

    /// The weights of a row that are at hand.
    int count;

    /// Two factors of each row, while scales are decoded.
    final float[] factors = new float[MOST_SPAN / CHUNK * 2 * ROWS];

    /// Up to sixteen small integers of each row, while scales are decoded.
    final byte[] packed = new byte[MOST_SUBS * ROWS];

    /// The product of each row with token `t`: `results[t · 64 + r]`.
    float[] results = {};

    /// {@return where the bytes of section `s` of the chunk's first block begin}
    long at(int s) {
        return at[s];
    }

    /// Turns to the chunk that begins with block `block` of a panel.
    void place(PanelMatrix w, int panel, int block) {
        w.place(panel, block, at);
    }

    /// {@return the format at hand}
    PanelKernel kernel() {
        return Objects.requireNonNull(kernel);
    }

    /// {@return the number of the chunk's first sub-block}
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
