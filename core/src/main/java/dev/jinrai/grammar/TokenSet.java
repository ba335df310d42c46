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

    void clear() {
        Arrays.fill(words, 0);
    }

    /// Becomes the same as another of as many tokens.
    void set(TokenSet other) {
        System.arraycopy(other.words, 0, words, 0, words.length);
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
