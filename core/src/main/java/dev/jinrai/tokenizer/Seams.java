package dev.jinrai.tokenizer;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;

/// The places in a text that no token spans, where it can be cut without changing its tokens.
///
/// Two neighbouring letters that stand side by side in no token are never merged into one, and what
/// happens left of them cannot reach what happens right of them. In vocabularies trained on words,
/// a letter followed by `▁` is such a pair, so a book falls apart into words.
///
/// The pairs are kept in a Bloom filter of one hash: it may join what could be cut, which costs
/// time, never the reverse.
final class Seams {
    private static final int BITS_PER_PAIR = 16; // so at most one seam in 16 is overlooked

    private final long[] pairs;
    private final int shift;

    Seams(Vocabulary vocabulary) {
        this(IntStream.range(0, vocabulary.size()).mapToObj(vocabulary::text).toList());
    }

    /// The same for tokens that are no whole vocabulary.
    Seams(Collection<String> tokens) {
        Set<Integer> spanned = new HashSet<>();
        for (String text : tokens) {
            for (int i = 1; i < text.length(); i++) {
                spanned.add(pair(text.charAt(i - 1), text.charAt(i)));
            }
        }
        int words = Math.max(spanned.size() * BITS_PER_PAIR / Long.SIZE, 1);
        pairs = new long[Integer.highestOneBit(words) * 2];
        shift = Long.SIZE - Integer.numberOfTrailingZeros(pairs.length * Long.SIZE);
        for (int pair : spanned) {
            int bit = bit(pair);
            pairs[bit >> 6] |= 1L << bit;
        }
    }

    /// Whether no token has these two UTF-16 units side by side.
    boolean between(char left, char right) {
        int bit = bit(pair(left, right));
        return (pairs[bit >> 6] & 1L << bit) == 0;
    }

    private static int pair(char left, char right) {
        return left << 16 | right;
    }

    private int bit(int pair) {
        return (int) ((pair * 0x9E3779B97F4A7C15L) >>> shift);
    }
}
