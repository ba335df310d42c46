package dev.jinrai.tokenizer.pipeline;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// A set of characters, given by what is in it and looked up in tables: ASCII is asked for at once, 256 neighbours beyond
/// it when one of them is first met. Threads may share it.
final class CharacterSet {
    private static final int PAGE = 256;

    private final IntPredicate members;
    private final long low; // U+0000 to U+003F
    private final long high; // U+0040 to U+007F
    private volatile @Nullable AtomicReferenceArray<long[]> pages;

    CharacterSet(IntPredicate members) {
        this.members = members;
        low = bits(0);
        high = bits(Long.SIZE);
    }

    private CharacterSet(CharacterSet one, CharacterSet other) {
        members = c -> one.contains(c) || other.contains(c);
        low = one.low | other.low;
        high = one.high | other.high;
    }

    static CharacterSet of(int... characters) {
        return new CharacterSet(c -> {
            for (int member : characters) {
                if (c == member) {
                    return true;
                }
            }
            return false;
        });
    }

    boolean contains(int c) {
        if (c < 2 * Long.SIZE) {
            return ((c < Long.SIZE ? low : high) >>> c & 1) != 0;
        }
        return (page(c / PAGE)[c % PAGE / Long.SIZE] >>> c & 1) != 0;
    }

    CharacterSet or(CharacterSet other) {
        return new CharacterSet(this, other);
    }

    private long[] page(int number) {
        AtomicReferenceArray<long[]> all = pages;
        if (all == null) { // another thread may do the same, and one of the two is lost
            all = new AtomicReferenceArray<>((Character.MAX_CODE_POINT + 1) / PAGE);
            pages = all;
        }
        long[] page = all.get(number);
        if (page == null) {
            page = new long[PAGE / Long.SIZE];
            for (int i = 0; i < page.length; i++) {
                page[i] = bits(number * PAGE + i * Long.SIZE);
            }
            all.set(number, page);
        }
        return page;
    }

    private long bits(int first) {
        long bits = 0;
        for (int i = 0; i < Long.SIZE; i++) {
            bits |= members.test(first + i) ? 1L << i : 0;
        }
        return bits;
    }
}
