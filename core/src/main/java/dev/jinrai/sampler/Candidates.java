package dev.jinrai.sampler;

/// The tokens that may still come next, with their logits: what the steps of a [Sampler] narrow.
///
/// Entries `0 … size - 1` count. After [#sort] they are in falling order of logit, equal ones by
/// rising id, which makes every later step independent of how the sorting was done; excluded ones are gone.
final class Candidates {
    /// A heap is for few of many: more than a sixteenth are had by sorting all, unless these are few themselves.
    private static final int MANY = 16;

    private static final int FEW = 256;

    final int[] ids;
    final float[] logits;

    /// `e^((logit − best) / temperature)`, after [#softmax].
    final double[] probabilities;

    int size;

    /// What the logits are still to be divided by: a draw divides their differences, once, in double.
    private double temperature = 1;

    private boolean sorted;

    private final RadixSort radix = new RadixSort();

    Candidates(int vocabulary) {
        ids = new int[vocabulary];
        logits = new float[vocabulary];
        probabilities = new double[vocabulary];
    }

    /// Starts over with every token.
    void fill(float[] all) {
        restart(all.length);
        System.arraycopy(all, 0, logits, 0, size);
        for (int i = 0; i < size; i++) {
            ids[i] = i;
        }
    }

    /// Starts over with these tokens.
    void fill(int[] some, float[] theirs) {
        restart(some.length);
        System.arraycopy(some, 0, ids, 0, size);
        System.arraycopy(theirs, 0, logits, 0, size);
    }

    private void restart(int count) {
        size = count;
        temperature = 1;
        sorted = false;
    }

    /// {@return the place of a token; −1 if it is none of these}
    int indexOf(int id) {
        if (id < size && ids[id] == id) {
            return id; // all tokens are here and none moved, or this one is here by chance
        }
        for (int i = 0; i < size; i++) {
            if (ids[i] == id) {
                return i;
            }
        }
        return -1;
    }

    /// @throws NanLogitsException if a logit is NaN or `+∞`, or all are excluded
    void check() {
        boolean any = false;
        for (int i = 0; i < size; i++) {
            float logit = logits[i];
            if (!(logit < Float.POSITIVE_INFINITY)) {
                throw new NanLogitsException("the logit of token " + ids[i] + " is " + logit);
            }
            any |= logit > Float.NEGATIVE_INFINITY;
        }
        if (!any) {
            throw new NanLogitsException("every token is excluded");
        }
    }

    /// Logits changed one by one: the order may be another.
    void changed() {
        sorted = false;
    }

    /// Divides all logits, which changes no order, when somebody looks at them.
    ///
    /// @param divisor more than 0
    void divide(double divisor) {
        temperature *= divisor;
    }

    /// Divides now: for steps that look at logits as they are, not at their differences. A temperature so low that the best logit
    /// would be beyond a number is 0: only the best is left.
    void settle() {
        if (temperature != 1) {
            if (Math.abs((float) (best() / temperature)) == Float.POSITIVE_INFINITY) {
                keepBest(1);
                temperature = 1;
                return;
            }
            for (int i = 0; i < size; i++) {
                logits[i] = (float) (logits[i] / temperature);
            }
            temperature = 1;
        }
    }

    private float best() {
        float best = logits[0];
        for (int i = 1; i < size && !sorted; i++) {
            best = Math.max(best, logits[i]);
        }
        return best;
    }

    /// {@return what differences of logits are still to be divided by}
    double temperature() {
        return temperature;
    }

    /// Sorts, and fills [#probabilities] relative to the best candidate's.
    ///
    /// @return their sum
    double softmax() {
        sort();
        double sum = 0;
        for (int i = 0; i < size; i++) {
            // StrictMath: the same bits on every JVM, compiled or not.
            probabilities[i] = StrictMath.exp(((double) logits[i] - logits[0]) / temperature);
            sum += probabilities[i];
        }
        return sum;
    }

    /// {@return `−log` of a candidate's probability, in nats; exact where the probability itself is too small for a number}
    ///
    /// @param logTotal the logarithm of what [#softmax] returned
    double surprise(int i, double logTotal) {
        return logTotal - ((double) logits[i] - logits[0]) / temperature;
    }

    /// {@return the entropy of the probabilities, in nats}
    ///
    /// @param total what [#softmax] returned
    double entropy(double total) {
        double logTotal = StrictMath.log(total);
        double sum = 0;
        for (int i = 0; i < size; i++) {
            if (probabilities[i] > 0) { // p·log p goes to 0
                sum += probabilities[i] / total * surprise(i, logTotal);
            }
        }
        return sum;
    }

    /// Takes the best `count` away.
    void removeBest(int count) {
        sort();
        size -= count;
        System.arraycopy(ids, count, ids, 0, size);
        System.arraycopy(logits, count, logits, 0, size);
    }

    /// Keeps one of those that stay, at its new place: for steps that go through all of them.
    void move(int from, int to) {
        ids[to] = ids[from];
        logits[to] = logits[from];
    }

    /// Keeps the best `count`, sorted.
    void keepBest(int count) {
        int kept = Math.min(count, size);
        if (!sorted) {
            if (kept > size / MANY && size > FEW) {
                radix.sort(ids, logits, size);
            } else {
                heapSort(kept);
            }
            sorted = true;
        }
        size = kept;
        while (size > 1 && logits[size - 1] == Float.NEGATIVE_INFINITY) {
            size--;
        }
    }

    /// The best `kept` come first, in order: a heap of the best so far, then heapsort. `n log kept`.
    private void heapSort(int kept) {
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
