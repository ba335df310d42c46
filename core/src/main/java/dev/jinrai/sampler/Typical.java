package dev.jinrai.sampler;

/// Locally typical sampling (Meister et al. 2022, arXiv:2202.00666, section 4): candidates in order of how far their surprise
/// `−log p` is from the distribution's entropy, the nearest first, until their probabilities sum to more than `p`.
final class Typical implements Step {
    private final float p;
    private final int minKeep;
    private final double[] distances;

    /// Places of candidates: a heap, the nearest on top.
    private final int[] heap;

    /// @param minKeep at least so many, where there are
    /// @param vocabulary the most candidates
    Typical(float p, int minKeep, int vocabulary) {
        this.p = p;
        this.minKeep = minKeep;
        distances = new double[vocabulary];
        heap = new int[vocabulary];
    }

    @Override
    public void apply(Candidates candidates) {
        double total = candidates.softmax();
        double logTotal = StrictMath.log(total);
        double entropy = candidates.entropy(total);
        int waiting = candidates.size;
        for (int i = 0; i < waiting; i++) {
            distances[i] = Math.abs(candidates.surprise(i, logTotal) - entropy);
            heap[i] = i;
        }
        for (int i = waiting / 2 - 1; i >= 0; i--) {
            sink(i, waiting);
        }
        double sum = 0;
        int last;
        do {
            last = heap[0];
            sum += candidates.probabilities[last] / total;
            heap[0] = heap[--waiting];
            sink(0, waiting);
        } while (waiting > 0 && !(sum > p && candidates.size - waiting >= minKeep));
        keepUntil(last, candidates);
    }

    /// Keeps what is not farther than `last`, in the order of logits.
    private void keepUntil(int last, Candidates candidates) {
        int kept = 0;
        for (int i = 0; i < candidates.size; i++) {
            if (!nearer(last, i)) {
                candidates.move(i, kept++);
            }
        }
        candidates.size = kept;
    }

    private boolean nearer(int a, int b) {
        return distances[a] < distances[b] || (distances[a] == distances[b] && a < b);
    }

    private void sink(int i, int length) {
        while (true) {
            int nearest = i;
            for (int child = 2 * i + 1; child <= 2 * i + 2 && child < length; child++) {
                if (nearer(heap[child], heap[nearest])) {
                    nearest = child;
                }
            }
            if (nearest == i) {
                return;
            }
            int other = heap[i];
            heap[i] = heap[nearest];
            heap[nearest] = other;
            i = nearest;
        }
    }
}
