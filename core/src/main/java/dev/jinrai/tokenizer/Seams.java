package dev.jinrai.tokenizer;

/// The places in a text that no token spans, where it can be cut without changing its tokens.
///
/// Two neighbouring letters that stand side by side in no token are never merged into one, and what
/// happens left of them cannot reach what happens right of them. In vocabularies trained on words, a
/// letter followed by `▁` is such a pair, so a book falls apart into words.
///
/// The pairs are kept in a Bloom filter of one hash: it may join what could be cut, which costs time,
/// never the reverse.
final class Seams {
    private static final int BITS_PER_PAIR = 16; // about one pair in 16 that could be cut is not

    private final long[] pairs;
    private final int shift;

    Seams(Vocabulary vocabulary) {
        long count = 1;
        for (int id = 0; id < vocabulary.size(); id++) {
            count += vocabulary.text(id).length();
        }
        // Most pairs are in many tokens: the letters of all tokens over-estimate the different ones.
        long bits = Long.highestOneBit(Math.clamp(count * BITS_PER_PAIR / 4, 1 << 10, 1 << 22));
        pairs = new long[(int) (bits / Long.SIZE)];
        shift = 64 - Long.numberOfTrailingZeros(bits);
        for (int id = 0; id < vocabulary.size(); id++) {
            String text = vocabulary.text(id);
            for (int i = 1; i < text.length(); i++) {
                int bit = bit(text.charAt(i - 1), text.charAt(i));
                pairs[bit >> 6] |= 1L << bit;
            }
        }
    }

    /// Whether no token has these two UTF-16 units side by side.
    boolean between(char left, char right) {
        int bit = bit(left, right);
        return (pairs[bit >> 6] & 1L << bit) == 0;
    }

    private int bit(char left, char right) {
        return (int) ((((long) left << 16 | right) * 0x9E3779B97F4A7C15L) >>> shift);
    }
}
