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
