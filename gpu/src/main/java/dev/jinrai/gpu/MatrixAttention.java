package dev.jinrai.gpu;

import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Heads;
import dev.jinrai.format.F16;

/// Attention of a prompt's tokens by cooperative matrices of halves (`attentionMatrices.glsl`): 64 tokens of a head share what they read
/// of the cache. Queries and the weights of values are rounded to eleven bits, as keys and values of f16 are; sums are f32.
final class MatrixAttention {
    /// Tokens of a workgroup.
    private static final int TILE = 64;

    /// The tokens from which on it pays to fill a tile.
    private static final int FEWEST_TOKENS = 9;

    /// The longest head, and what its length is a multiple of.
    private static final int LONGEST = 128;

    private static final int STEP = 16;

    private final GpuBackend backend;

    MatrixAttention(GpuBackend backend) {
        this.backend = backend;
    }

    /// {@return whether there is a kernel for it: many tokens of one cache of f16, heads of one length}
    static boolean fits(Batch batch, GpuKvCache cache, Heads heads) {
        int length = heads.keyLength();
        return batch.size() >= FEWEST_TOKENS
                && batch.runs().size() == 1
                && cache.layout().type().format() instanceof F16
                && heads.valueLength() == length
                && length <= LONGEST
                && length % STEP == 0;
    }

    /// As [GpuBackend#attention], whose hazards are noted.
    void attend(Buffer out, Buffer q, GpuKvCache cache, int layer, Heads heads) {
        int tokens = q.rows();
        backend.start()
                .add(backend.out(out))
                .add(backend.in(q))
                .add(backend.batchMemory().caches())
                .add(backend.batchMemory().positions())
                .add(cache.keyOffset(layer))
                .add(cache.valueOffset(layer))
                .add(heads.heads())
                .add(heads.kvHeads())
                .add(tokens)
                .add(heads.scale());
        backend.dispatch(
                backend.kernel("attentionMatrices", heads.keyLength()),
                heads.heads(),
                Math.ceilDiv(tokens, TILE));
    }
}
