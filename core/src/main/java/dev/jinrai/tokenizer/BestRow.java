package dev.jinrai.tokenizer;

import java.util.Arrays;

/// The row of tokens with the highest sum of scores that spells a text (Viterbi 1967).
///
/// The best row ends with the best row of what comes before its last token, so one walk finds it.
/// Of equal sums the one counts whose last token begins first. A character that is no token is an
/// unknown one. Sums run over the whole text in `double`, so that ties break as they do elsewhere.
///
/// Mutable scratch memory of one call.
final class BestRow {
    private static final int NONE = TokenTrie.NONE;

    private final TokenTrie trie;
    private final double[] scores;
    private final int unknown;
    private final double unknownScore;

    // Of the best row up to each byte: its sum, its last token, where that begins.
    private double[] sums = {};
    private int[] tokens = {};
    private int[] starts = {};

    /// @param scores of each token of the trie
    /// @param unknown the token of a character that is none, `NONE` if there is none for it
    BestRow(TokenTrie trie, double[] scores, int unknown, double unknownScore) {
        this.trie = trie;
        this.scores = scores;
        this.unknown = unknown;
        this.unknownScore = unknownScore;
    }

    /// Finds the row of a text of UTF-8. It is read from its end: [#token] and [#start] of the
    /// text's length, then of that start, and so on until 0.
    void find(byte[] text) {
        int length = text.length;
        prepare(length);
        for (int at = 0; at < length; ) {
            int next = Math.min(at + unitLength(text[at]), length);
            boolean oneCharacter = false;
            int node = trie.child(TokenTrie.ROOT, text[at]);
            for (int end = at + 1; node != NONE; end++) {
                int id = trie.id(node);
                if (id != NONE) {
                    oneCharacter |= end == next;
                    double sum = sums[at] + scores[id];
                    if (sum > sums[end]) {
                        sums[end] = sum;
                        tokens[end] = id;
                        starts[end] = at;
                    }
                }
                if (end == length) {
                    break;
                }
                node = trie.child(node, text[end]);
            }
            if (!oneCharacter && sums[at] + unknownScore > sums[next]) {
                sums[next] = sums[at] + unknownScore;
                tokens[next] = unknown;
                starts[next] = at;
            }
            at = next;
        }
    }

    private void prepare(int length) {
        if (sums.length <= length) {
            int capacity = Math.max(length + 1, 2 * sums.length);
            sums = new double[capacity];
            tokens = new int[capacity];
            starts = new int[capacity];
        }
        Arrays.fill(sums, 0, length + 1, -Double.MAX_VALUE);
        Arrays.fill(tokens, 0, length + 1, unknown);
        Arrays.fill(starts, 0, length + 1, 0);
        sums[0] = 0;
    }

    /// The length of a character by its first byte. After a normalizer has cut one, see
    /// [UnigramNormalizer], the first may be any byte.
    private static int unitLength(byte first) {
        int high = (first & 0xFF) >> 4;
        return high < 0xC ? 1 : high < 0xE ? 2 : high - 0xB;
    }

    /// {@return the last token of the best row that ends here}
    int token(int end) {
        return tokens[end];
    }

    /// {@return where that token begins}
    int start(int end) {
        return starts[end];
    }
}
