package dev.jinrai.tokenizer;

import java.util.Arrays;
import java.util.function.IntPredicate;

/// Finds the token that equals a stretch of text, given the hash of the stretch.
///
/// The hash of a text `c0 c1 … cn` of UTF-16 units is the polynomial `Σ (ci + 1)·B^(n−i)` modulo
/// 2⁶⁴ (Karp and Rabin 1987), so the hash of two neighbours together follows from theirs
/// ([#concatenate]) and no text is read to look up a merge. Equal hashes are checked letter by
/// letter: a crafted text can slow a look-up down, never make it wrong.
///
/// An open-addressing table, at most half full.
final class TokenIndex {
    private static final long B = 0x9E3779B97F4A7C15L; // odd, bits well mixed: 2^64 / golden ratio
    private static final int FREE = -1;

    private final Vocabulary vocabulary;
    private final int longest;
    private final long[] powers;
    private final long[] hashes;
    private final int[] ids;
    private final int shift;

    TokenIndex(Vocabulary vocabulary) {
        this(vocabulary, _ -> true);
    }

    /// @param found whether the token of an id is to be found
    TokenIndex(Vocabulary vocabulary, IntPredicate found) {
        this.vocabulary = vocabulary;
        int length = 0;
        for (int id = 0; id < vocabulary.size(); id++) {
            if (found.test(id)) {
                length = Math.max(length, vocabulary.text(id).length());
            }
        }
        longest = length;
        powers = new long[longest + 1];
        powers[0] = 1;
        for (int i = 1; i < powers.length; i++) {
            powers[i] = powers[i - 1] * B;
        }
        int bits = 64 - Long.numberOfLeadingZeros(2L * vocabulary.size() + 1);
        shift = 64 - bits;
        hashes = new long[1 << bits];
        ids = new int[1 << bits];
        Arrays.fill(ids, FREE);
        for (int id = 0; id < vocabulary.size(); id++) {
            if (found.test(id)) {
                insert(id);
            }
        }
    }

    private void insert(int id) {
        String text = vocabulary.text(id);
        long hash = 0;
        for (int i = 0; i < text.length(); i++) {
            hash = hash * B + text.charAt(i) + 1;
        }
        int slot = slot(hash);
        while (ids[slot] != FREE) {
            slot = slot + 1 & ids.length - 1;
        }
        hashes[slot] = hash;
        ids[slot] = id;
    }

    /// {@return the hash of `length` units of a text}
    static long hash(char[] text, int start, int length) {
        long hash = 0;
        for (int i = start; i < start + length; i++) {
            hash = hash * B + text[i] + 1;
        }
        return hash;
    }

    /// {@return the hash of two neighbours together}
    ///
    /// @param rightLength units of the right one; at most [#longest]
    long concatenate(long left, long right, int rightLength) {
        return left * powers[rightLength] + right;
    }

    /// The length of the longest token, in UTF-16 units.
    int longest() {
        return longest;
    }

    /// {@return the id of the token that equals `text[start, start + length)`, −1 if there is none}
    ///
    /// @param hash the hash of that stretch
    int find(long hash, char[] text, int start, int length) {
        for (int slot = slot(hash); ids[slot] != FREE; slot = slot + 1 & ids.length - 1) {
            if (hashes[slot] == hash && equals(vocabulary.text(ids[slot]), text, start, length)) {
                return ids[slot];
            }
        }
        return -1;
    }

    private static boolean equals(String token, char[] text, int start, int length) {
        if (token.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (token.charAt(i) != text[start + i]) {
                return false;
            }
        }
        return true;
    }

    private int slot(long hash) {
        return (int) (((hash ^ (hash >>> 32)) * B) >>> shift);
    }
}
