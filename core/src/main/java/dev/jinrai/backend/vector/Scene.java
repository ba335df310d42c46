package dev.jinrai.backend.vector;

import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Heads;
import dev.jinrai.backend.HeapBuffer;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.TensorWeight;
import dev.jinrai.format.Format;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/// A layer's work with a token and with a few, over weights of zero: what kernels are compiled by before there is real work.
///
/// One matrix of each format, and a cache of [KvType#F16].
final class Scene implements AutoCloseable {
    private static final int TOKENS = 7; // a whole tile and a part of one
    private static final int HEAD = 64;
    private static final Heads HEADS = new Heads(4, 2, HEAD, HEAD, 1);

    private static final KvLayout LAYOUT =
            new KvLayout(List.of(new KvLayout.Layer(2, HEAD, HEAD)), TOKENS, KvType.F16);

    private final Kernels kernels;
    private final Arena arena =
            Arena.ofShared(); // as real weights are: C2 compiles for what it has seen
    private final List<TensorWeight> matrices;
    private final int length;
    private final float[] norm;
    private final HeapBuffer x;
    private final HeapBuffer y;
    private final HeapBuffer q;
    private final HeapBuffer attended;
    private final int[] identity = new int[TOKENS];

    /// @param length rows and columns of the matrices, a multiple of 256
    Scene(Kernels kernels, List<Format> formats, int length) {
        this.kernels = kernels;
        this.length = length;
        matrices = formats.stream().map(format -> matrix(format, length)).toList();
        norm = new float[length];
        x = new HeapBuffer(TOKENS, length);
        y = new HeapBuffer(TOKENS, length);
        q = new HeapBuffer(TOKENS, HEADS.heads() * HEAD);
        attended = new HeapBuffer(TOKENS, HEADS.heads() * HEAD);
        Arrays.fill(norm, 1);
        Arrays.setAll(identity, i -> i);
    }

    private TensorWeight matrix(Format format, int length) {
        var zeros = arena.allocate(length * format.byteSize(length));
        return VectorBackend.weight(new Tensor("zeros", format, 1, length, length, zeros), arena);
    }

    /// {@return how many multiplications a round's products take}
    long multiplications() {
        return (long) matrices.size() * length * length * (1 + TOKENS);
    }

    /// {@return how long a round took, in nanoseconds}
    ///
    /// @param stop whether to leave the rest out
    long play(BooleanSupplier stop) {
        try (var cache = new BlockedKvCache(LAYOUT)) {
            cache.reserve(0, TOKENS);
            long start = System.nanoTime();
            for (TensorWeight matrix : matrices) {
                for (int tokens : new int[] {1, TOKENS}) {
                    if (!stop.getAsBoolean()) {
                        play(tokens, matrix, cache);
                    }
                }
            }
            return System.nanoTime() - start;
        }
    }

    private void play(int tokens, TensorWeight weight, BlockedKvCache cache) {
        float[] a = HeapBuffer.data(x);
        float[] b = HeapBuffer.data(y);
        for (int i = 0; i < tokens * length; i++) {
            a[i] = 1 - i % 3;
        }
        for (int t = 0; t < tokens; t++) {
            kernels.rmsNorm(b, a, t * length, length, norm, 1, 0);
        }
        kernels.multiply(a, identity, weight, 0, b, identity, tokens);
        var batch = Batch.of(cache, new int[tokens], Batch.Logits.NONE);
        kernels.attention(attended.first(tokens), q.first(tokens), batch, 0, HEADS);
        kernels.add(a, b, 0, tokens * length);
        kernels.silu(a, 0, tokens * length);
        kernels.multiply(a, b, 0, tokens * length);
    }

    @Override
    public void close() {
        arena.close();
    }
}
