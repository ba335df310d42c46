package dev.jinrai.tokenizer;

/// The merging of SentencePiece BPE: a text starts as letters; again and again the two neighbours
/// whose text together is the token with the highest score become one, the leftmost of several,
/// until no two neighbours are a token (Sennrich et al. 2016, arXiv:1508.07909, with scores in
/// place of counts).
///
/// Mutable scratch memory of one call. `n` letters take O(n log n) time, whatever they are: a
/// look-up costs the same for short and long stretches, and a stretch between two [Seams] has its
/// own short queue.
///
/// A candidate in the queue is a `long`, `rank << 32 | left`: the smallest is the highest score,
/// then the leftmost. Candidates are not removed when a neighbour changes. One still holds if the
/// pair that begins at `left` has its rank now; if that pair is another of the same rank, it stands
/// at the same place in the queue, so nothing is lost by taking it for the one that was meant.
final class BigramMerge {
    private static final int NONE = -1;

    /// What the letters become.
    interface Output {
        void token(int id);

        /// A single character that is no token.
        void unknown(int codePoint);
    }

    private final TokenIndex index;
    private final Seams seams;
    private final int[] ranks;
    private final Output output;
    private final LongHeap queue = new LongHeap();

    // Symbols, linked in the order of the text. A merge leaves the left one; the right one is dead.
    private int[] start = {};
    private int[] length = {};
    private int[] previous = {};
    private int[] next = {};
    private int[] token = {}; // its id, if the symbol was merged
    private int[] pair = {}; // the token that it and its right neighbour are together
    private long[] hash = {};

    /// @param ranks of each token, from 0 for the highest score; equal scores have equal ranks
    BigramMerge(TokenIndex index, Seams seams, int[] ranks, Output output) {
        this.index = index;
        this.seams = seams;
        this.ranks = ranks;
        this.output = output;
    }

    /// Merges a text without unpaired surrogates.
    void merge(char[] text) {
        int from = 0;
        for (int i = 1; i < text.length; i++) {
            if (seams.between(text[i - 1], text[i]) && !Character.isLowSurrogate(text[i])) {
                mergeStretch(text, from, i);
                from = i;
            }
        }
        if (from < text.length) {
            mergeStretch(text, from, text.length);
        }
    }

    private void mergeStretch(char[] text, int from, int to) {
        int symbols = split(text, from, to);
        for (int left = 0; left < symbols - 1; left++) {
            findPair(text, left);
        }
        while (!queue.isEmpty()) {
            long candidate = queue.pop();
            int left = (int) candidate;
            if (pair[left] != NONE && ranks[pair[left]] == (int) (candidate >>> 32)) {
                join(text, left);
            }
        }
        for (int symbol = 0; symbol != NONE; symbol = next[symbol]) {
            emit(text, symbol);
        }
    }

    private int split(char[] text, int from, int to) {
        if (start.length < to - from) {
            grow(Math.max(to - from, 2 * start.length));
        }
        int symbols = 0;
        for (int i = from; i < to; symbols++) {
            int units = Character.isHighSurrogate(text[i]) ? 2 : 1;
            start[symbols] = i;
            length[symbols] = units;
            previous[symbols] = symbols - 1;
            next[symbols] = symbols + 1;
            token[symbols] = NONE;
            pair[symbols] = NONE;
            hash[symbols] = TokenIndex.hash(text, i, units);
            i += units;
        }
        next[symbols - 1] = NONE;
        return symbols;
    }

    private void join(char[] text, int left) {
        int right = next[left];
        token[left] = pair[left];
        hash[left] = index.concatenate(hash[left], hash[right], length[right]);
        length[left] += length[right];
        pair[right] = NONE;
        next[left] = next[right];
        if (next[left] != NONE) {
            previous[next[left]] = left;
        }
        findPair(text, left);
        if (previous[left] != NONE) {
            findPair(text, previous[left]);
        }
    }

    /// Looks up what a symbol and its right neighbour are together, and queues it if it is a token.
    private void findPair(char[] text, int left) {
        pair[left] = NONE;
        int right = next[left];
        if (right == NONE || length[left] + length[right] > index.longest()) {
            return;
        }
        long together = index.concatenate(hash[left], hash[right], length[right]);
        int id = index.find(together, text, start[left], length[left] + length[right]);
        pair[left] = id;
        if (id != NONE) {
            queue.push((long) ranks[id] << 32 | left);
        }
    }

    private void emit(char[] text, int symbol) {
        int id =
                token[symbol] != NONE
                        ? token[symbol]
                        : index.find(hash[symbol], text, start[symbol], length[symbol]);
        if (id != NONE) {
            output.token(id);
        } else {
            output.unknown(Character.codePointAt(text, start[symbol]));
        }
    }

    private void grow(int capacity) {
        start = new int[capacity];
        length = new int[capacity];
        previous = new int[capacity];
        next = new int[capacity];
        token = new int[capacity];
        pair = new int[capacity];
        hash = new long[capacity];
    }
}
