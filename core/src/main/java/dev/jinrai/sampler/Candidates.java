package dev.jinrai.sampler;

/// The tokens that may still come next, with their logits: what the steps of a [Sampler] narrow.
///
/// Entries `0 … size - 1` count. After [#sort] they are in falling order of logit, equal ones by
/// rising id, which makes every later step independent of how the sorting was done.
final class Candidates {
    final int[] ids;
    final float[] logits;
    int size;

    Candidates(int vocabulary) {
        ids = new int[vocabulary];
        logits = new float[vocabulary];
    }

    /// Starts over with every token.
    void fill(float[] all) {
        size = all.length;
        System.arraycopy(all, 0, logits, 0, size);
        for (int i = 0; i < size; i++) {
            ids[i] = i;
        }
    }

    /// Starts over with these tokens.
    void fill(int[] some, float[] theirs) {
        size = some.length;
        System.arraycopy(some, 0, ids, 0, size);
        System.arraycopy(theirs, 0, logits, 0, size);
    }

    /// {@return the place of a token, before anything moved; −1 if it is none of these}
    int indexOf(int id) {
        if (id < size && ids[id] == id) {
            return id; // all tokens are here, or this one is by chance
        }
        for (int i = 0; i < size; i++) {
            if (ids[i] == id) {
                return i;
            }
        }
        return -1;
    }

    /// {@return the first in order}
    int best() {
        int best = 0;
        for (int i = 1; i < size; i++) {
            if (before(i, best)) {
                best = i;
            }
        }
        return ids[best];
    }

    /// Keeps the best `count`, sorted: a heap of the best so far, then heapsort. `n log count`.
    void keepBest(int count) {
        int kept = Math.min(count, size);
        for (int i = kept / 2 - 1; i >= 0; i--) {
            sink(i, kept);
        }
        for (int i = kept; i < size; i++) {
            if (before(i, 0)) {
                swap(i, 0);
                sink(0, kept);
            }
        }
        for (int end = kept - 1; end > 0; end--) {
            swap(0, end);
            sink(0, end);
        }
        size = kept;
    }

    void sort() {
        keepBest(size);
    }

    /// {@return whether entry `a` ranks before entry `b`}
    private boolean before(int a, int b) {
        return logits[a] > logits[b] || (logits[a] == logits[b] && ids[a] < ids[b]);
    }

    /// Restores the heap of `length` entries, worst on top, below entry `i`.
    private void sink(int i, int length) {
        while (true) {
            int worst = i;
            for (int child = 2 * i + 1; child <= 2 * i + 2 && child < length; child++) {
                if (before(worst, child)) {
                    worst = child;
                }
            }
            if (worst == i) {
                return;
            }
            swap(i, worst);
            i = worst;
        }
    }

    private void swap(int a, int b) {
        int id = ids[a];
        ids[a] = ids[b];
        ids[b] = id;
        float logit = logits[a];
        logits[a] = logits[b];
        logits[b] = logit;
    }
}
