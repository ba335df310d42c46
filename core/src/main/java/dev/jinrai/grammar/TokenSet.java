package dev.jinrai.grammar;

import java.util.Arrays;

/// A set of token ids, a bit each. Mutable; one owner.
public final class TokenSet {
    private final long[] words;
    private final int vocabulary;

    /// @param vocabulary the number of tokens; ids are below it
    TokenSet(int vocabulary) {
        this.vocabulary = vocabulary;
        words = new long[(vocabulary + 63) / 64];
    }

    void add(int id) {
        words[id >> 6] |= 1L << id;
    }

    /// {@return how many longs it takes}
    int words() {
        return words.length;
    }

    void clear() {
        Arrays.fill(words, 0);
    }

    /// Takes in another of as many tokens.
    void addAll(TokenSet other) {
        for (int i = 0; i < words.length; i++) {
            words[i] |= other.words[i];
        }
    }

    /// {@return the ids, in order}
    int[] ids() {
        int[] ids = new int[size()];
        int n = 0;
        for (int i = 0; i < words.length; i++) {
            for (long word = words[i]; word != 0; word &= word - 1) {
                ids[n++] = 64 * i + Long.numberOfTrailingZeros(word);
            }
        }
        return ids;
    }

    /// {@return whether the token is one of them}
    ///
    /// @throws IllegalArgumentException if there is no such token
    public boolean has(int id) {
        if (id < 0 || id >= vocabulary) {
            throw new IllegalArgumentException(
                    "there is no token %d in a vocabulary of %d".formatted(id, vocabulary));
        }
        return (words[id >> 6] & 1L << id) != 0;
    }

    /// {@return whether there is none}
    public boolean isEmpty() {
        for (long word : words) {
            if (word != 0) {
                return false;
            }
        }
        return true;
    }

    /// {@return how many there are}
    public int size() {
        int size = 0;
        for (long word : words) {
            size += Long.bitCount(word);
        }
        return size;
    }
}
