package dev.jinrai.backend.vector;

import static dev.jinrai.backend.HeapBuffer.data;
import static dev.jinrai.backend.vector.BlockedKvCache.BLOCK;

import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Heads;
import java.util.Arrays;

/// The attention of a batch, cut into pieces for the threads.
///
/// A piece of a run of several tokens is a tile of them and one key/value head: [#ROWS] queries, which share each
/// decoded block. A run of one token has few queries, so a piece is one key/value head over [#PART] positions, and the
/// parts are put together in their order afterwards. How a run is cut depends on its shape alone, never on the
/// number of threads, so that number changes no bit.
final class GroupedAttention {
    /// Query rows of a tile: so many that decoding a block is a small part of the work with it.
    private static final int ROWS = 128;

    /// Positions of a part: so many that handing it to a thread is a small part of the work with it.
    static final int PART = 8 * BLOCK;

    /// Fewest tokens handed to a thread to store: keys of neighbours share the lines of the caches.
    private static final int STORED = BLOCK;

    private final Workers workers;
    private final AttentionScratch[] scratch;
    private int[] ends = {}; // ends[i]: the pieces of runs 0 … i
    private float[] parts = {};

    GroupedAttention(Workers workers) {
        this.workers = workers;
        scratch = new AttentionScratch[workers.count()];
        Arrays.setAll(scratch, i -> new AttentionScratch());
    }

    /// [dev.jinrai.backend.Backend#append]
    void append(Batch batch, int layer, Buffer keys, Buffer values) {
        for (var run : batch.runs()) {
            var cache = (BlockedKvCache) run.cache();
            cache.reserve(layer, run.start() + run.count());
            workers.parallel(
                    run.count(),
                    STORED,
                    (from, to, worker) -> {
                        for (int i = from; i < to; i++) {
                            int t = run.first() + i;
                            cache.put(
                                    layer,
                                    run.start() + i,
                                    data(keys),
                                    t * keys.columns(),
                                    data(values),
                                    t * values.columns(),
                                    scratch[worker]);
                        }
                    });
        }
    }

    /// [dev.jinrai.backend.Backend#attention]
    void run(Buffer out, Buffer q, Batch batch, int layer, Heads heads) {
        int runs = batch.runs().size();
        if (ends.length < runs) {
            ends = new int[runs];
        }
        int pieces = 0;
        boolean split = false;
        for (int i = 0; i < runs; i++) {
            var run = batch.runs().get(i);
            pieces += heads.kvHeads() * (run.count() == 1 ? parts(run) : tiles(run, heads));
            ends[i] = pieces;
            split |= run.count() == 1 && parts(run) > 1;
        }
        int saved = AttentionKernel.saved(heads.group(), heads);
        if (split && parts.length < pieces * saved) {
            parts = new float[pieces * saved];
        }
        workers.parallel(
                pieces,
                1,
                (from, to, worker) -> {
                    for (int piece = from; piece < to; piece++) {
                        int i = runOf(piece, runs);
                        var run = batch.runs().get(i);
                        int local = piece - (i == 0 ? 0 : ends[i - 1]);
                        if (run.count() == 1) {
                            attendPart(out, q, run, layer, heads, local, worker, piece * saved);
                        } else {
                            attendTile(out, q, run, layer, heads, local, worker);
                        }
                    }
                });
        if (split) {
            workers.parallel(
                    runs * heads.kvHeads(),
                    1,
                    (from, to, worker) -> {
                        for (int item = from; item < to; item++) {
                            int i = item / heads.kvHeads();
                            var run = batch.runs().get(i);
                            int first = i == 0 ? 0 : ends[i - 1];
                            if (run.count() == 1 && parts(run) > 1) {
                                merge(out, q, run, heads, item % heads.kvHeads(), worker, first);
                            }
                        }
                    });
        }
    }

    private static int tile(Heads heads) {
        return Math.max(1, ROWS / heads.group());
    }

    private static int tiles(Batch.Run run, Heads heads) {
        return Math.ceilDiv(run.count(), tile(heads));
    }

    private static int parts(Batch.Run run) {
        return Math.ceilDiv(run.start() + run.count(), PART);
    }

    private int runOf(int piece, int runs) {
        int found = Arrays.binarySearch(ends, 0, runs, piece + 1);
        return found >= 0 ? found : -found - 1;
    }

    /// Piece `local` of a run of several tokens. The last tiles see most positions and come first, so that
    /// the threads end together.
    private void attendTile(
            Buffer out, Buffer q, Batch.Run run, int layer, Heads heads, int local, int worker) {
        AttentionScratch s = scratch[worker];
        int shared = local % heads.kvHeads();
        int from = (tiles(run, heads) - 1 - local / heads.kvHeads()) * tile(heads);
        int tokens = Math.min(tile(heads), run.count() - from);
        int position = run.start() + from;
        int first = run.first() + from;
        var cache = (BlockedKvCache) run.cache();
        AttentionKernel.begin(s, data(q), q.columns(), first, tokens, shared, heads);
        AttentionKernel.attend(
                s, cache, layer, shared, heads, position, tokens, 0, position + tokens);
        AttentionKernel.finish(s, data(out), out.columns(), first, tokens, shared, heads);
    }

    /// Piece `local` of a run of one token: a part of what it sees.
    private void attendPart(
            Buffer out,
            Buffer q,
            Batch.Run run,
            int layer,
            Heads heads,
            int local,
            int worker,
            int saved) {
        AttentionScratch s = scratch[worker];
        int shared = local / parts(run);
        int from = local % parts(run) * PART;
        int to = Math.min(from + PART, run.start() + 1);
        var cache = (BlockedKvCache) run.cache();
        AttentionKernel.begin(s, data(q), q.columns(), run.first(), 1, shared, heads);
        AttentionKernel.attend(s, cache, layer, shared, heads, run.start(), 1, from, to);
        if (parts(run) == 1) {
            AttentionKernel.finish(s, data(out), out.columns(), run.first(), 1, shared, heads);
        } else {
            AttentionKernel.save(s, heads.group(), heads, parts, saved);
        }
    }

    /// Puts the parts of one key/value head of a run together, whose pieces begin with `first`.
    private void merge(
            Buffer out, Buffer q, Batch.Run run, Heads heads, int shared, int worker, int first) {
        AttentionScratch s = scratch[worker];
        int saved = AttentionKernel.saved(heads.group(), heads);
        AttentionKernel.begin(s, data(q), q.columns(), run.first(), 1, shared, heads);
        for (int part = 0; part < parts(run); part++) {
            int at = (first + shared * parts(run) + part) * saved;
            AttentionKernel.merge(s, heads.group(), heads, parts, at);
        }
        AttentionKernel.finish(s, data(out), out.columns(), run.first(), 1, shared, heads);
    }
}
