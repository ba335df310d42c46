package dev.jinrai.tokenizer;

/// The merging of byte-pair encoding: a word starts as letters; again and again the two neighbours
/// whose merge has the lowest rank become one, the leftmost of several, until no two neighbours
/// merge (Sennrich et al. 2016, arXiv:1508.07909, algorithm 1).
///
/// Mutable scratch memory of one call. `n` letters take O(n log n) time, whatever they are.
///
/// A candidate in the queue is a `long`, `rank << 32 | left`. Candidates are not removed when a
/// neighbour changes: one holds if the pair that begins at `left` has this rank now.
final class PairMerge {
    static final int NONE = PairTable.NONE;

    private final PairTable pairs;
    private final LongHeap queue = new LongHeap();

    // Symbols, linked in the order of the text. A merge leaves the left one; the right one is dead.
    private int[] symbol = {};
    private int[] start = {};
    private int[] previous = {};
    private int[] next = {};
    private int[] rank = {}; // of the merge with the right neighbour
    private int symbols;
    private int end;

    PairMerge(PairTable pairs) {
        this.pairs = pairs;
    }

    /// Forgets the last word.
    ///
    /// @param most symbols of the next one
    void begin(int most) {
        if (symbol.length < most) {
            grow(Math.max(most, 2 * symbol.length));
        }
        symbols = 0;
    }

    /// Adds a letter to the word.
    ///
    /// @param symbol what it is in the table, `NONE` if it is nothing that merges
    /// @param place where it begins
    void add(int symbol, int place) {
        this.symbol[symbols] = symbol;
        start[symbols] = place;
        previous[symbols] = symbols - 1;
        next[symbols] = symbols + 1;
        rank[symbols] = NONE;
        symbols++;
    }

    /// Merges the word, which is not empty and ends at a place; [#first] and [#next] lead through
    /// what is left.
    void merge(int end) {
        this.end = end;
        next[symbols - 1] = NONE;
        for (int left = 0; left < symbols - 1; left++) {
            findPair(left);
        }
        while (!queue.isEmpty()) {
            long candidate = queue.pop();
            int left = (int) candidate;
            if (rank[left] == (int) (candidate >>> 32)) {
                join(left);
            }
        }
    }

    private void join(int left) {
        int right = next[left];
        symbol[left] = pairs.merged(rank[left]);
        rank[right] = NONE;
        next[left] = next[right];
        if (next[left] != NONE) {
            previous[next[left]] = left;
        }
        findPair(left);
        if (previous[left] != NONE) {
            findPair(previous[left]);
        }
    }

    private void findPair(int left) {
        int right = next[left];
        rank[left] = NONE;
        if (right != NONE && symbol[left] != NONE && symbol[right] != NONE) {
            rank[left] = pairs.rank(symbol[left], symbol[right]);
            if (rank[left] != NONE) {
                queue.push((long) rank[left] << 32 | left);
            }
        }
    }

    /// {@return the place of the first symbol}
    int first() {
        return 0;
    }

    /// {@return the place of the symbol after this one, `NONE` at the end}
    int next(int place) {
        return next[place];
    }

    /// {@return what stands at a place, `NONE` if it was added as that}
    int symbol(int place) {
        return symbol[place];
    }

    /// {@return the first of the letters at a place}
    int start(int place) {
        return start[place];
    }

    /// {@return behind the last of the letters at a place}
    int end(int place) {
        return next[place] == NONE ? end : start[next[place]];
    }

    private void grow(int capacity) {
        symbol = new int[capacity];
        start = new int[capacity];
        previous = new int[capacity];
        next = new int[capacity];
        rank = new int[capacity];
    }
}
