package dev.jinrai.tokenizer;

import java.util.Arrays;
import java.util.BitSet;

/// Which two neighbours become one, and which pair goes first: from 0, the lowest rank. What is
/// paired are symbols, numbers whose meaning is the caller's.
///
/// An open-addressing table, at most half full. Mutable while it is filled; then threads may share
/// it.
final class PairTable {
    static final int NONE = -1;
    private static final long FREE = -1;

    private final long[] pairs;
    private final int[] ranks;
    private final int[] merged; // by rank
    private final int shift;

    /// @param size the number of ranks
    PairTable(int size) {
        int bits = 64 - Long.numberOfLeadingZeros(2L * size + 1);
        shift = 64 - bits;
        pairs = new long[1 << bits];
        ranks = new int[1 << bits];
        merged = new int[size];
        Arrays.fill(pairs, FREE);
    }

    /// Adds a pair; of equal pairs the first counts.
    void add(int left, int right, int rank, int becomes) {
        merged[rank] = becomes;
        long pair = pair(left, right);
        int slot = slot(pair);
        while (pairs[slot] != FREE && pairs[slot] != pair) {
            slot = slot + 1 & pairs.length - 1;
        }
        if (pairs[slot] == FREE) {
            pairs[slot] = pair;
            ranks[slot] = rank;
        }
    }

    /// {@return the rank of a pair, `NONE` if it is not merged}
    int rank(int left, int right) {
        long pair = pair(left, right);
        for (int slot = slot(pair); pairs[slot] != FREE; slot = slot + 1 & pairs.length - 1) {
            if (pairs[slot] == pair) {
                return ranks[slot];
            }
        }
        return NONE;
    }

    /// {@return what the pair of this rank becomes}
    int merged(int rank) {
        return merged[rank];
    }

    /// {@return whether one of these symbols is a side of a pair}
    boolean anyOf(BitSet symbols) {
        return Arrays.stream(pairs)
                .anyMatch(pair ->
                        pair != FREE
                                && (symbols.get((int) (pair >>> 32)) || symbols.get((int) pair)));
    }

    private static long pair(int left, int right) {
        return (long) left << 32 | right;
    }

    private int slot(long pair) {
        return (int) (((pair ^ (pair >>> 29)) * 0x9E3779B97F4A7C15L) >>> shift);
    }
}
