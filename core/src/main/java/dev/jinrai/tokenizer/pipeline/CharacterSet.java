package dev.jinrai.tokenizer.pipeline;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// A set of characters: ranges in order, and classes, which are asked for. ASCII is looked up at once; beyond it ranges are
/// searched, and classes looked up in tables of 256 neighbours, made when one of them is first met. Threads may share it.
///
/// A sum of sets holds their ranges and classes, not the sets: however many are summed up, nothing is nested.
final class CharacterSet {
    private static final int PAGE = 256;

    private final int[] ranges; // first, last, first, last, …; between two of them is a gap
    private final IntPredicate[] classes;
    private final long low; // U+0000 to U+003F
    private final long high; // U+0040 to U+007F
    private volatile @Nullable AtomicReferenceArray<long[]> pages;

    /// A class.
    CharacterSet(IntPredicate members) {
        this(new int[0], new IntPredicate[] {members});
    }

    private CharacterSet(int[] ranges, IntPredicate[] classes) {
        this.ranges = ranges;
        this.classes = classes;
        low = bits(0);
        high = bits(Long.SIZE);
    }

    static CharacterSet of(int... characters) {
        long[] all = new long[characters.length];
        Arrays.setAll(all, i -> range(characters[i], characters[i]));
        return new CharacterSet(inOrder(all), new IntPredicate[0]);
    }

    static CharacterSet between(int first, int last) {
        return new CharacterSet(new int[] {first, last}, new IntPredicate[0]);
    }

    static CharacterSet all() {
        return between(0, Character.MAX_CODE_POINT);
    }

    /// What is in one of them.
    static CharacterSet union(List<CharacterSet> sets) {
        long[] all = new long[sets.stream().mapToInt(set -> set.ranges.length / 2).sum()];
        int size = 0;
        Set<IntPredicate> classes = new LinkedHashSet<>();
        for (CharacterSet set : sets) {
            for (int i = 0; i < set.ranges.length; i += 2) {
                all[size++] = range(set.ranges[i], set.ranges[i + 1]);
            }
            classes.addAll(List.of(set.classes));
        }
        return new CharacterSet(inOrder(all), classes.toArray(IntPredicate[]::new));
    }

    /// What is in all of them.
    static CharacterSet intersection(List<CharacterSet> sets) {
        return new CharacterSet(c -> {
            for (CharacterSet set : sets) {
                if (!set.has(c)) {
                    return false;
                }
            }
            return true;
        });
    }

    /// What is not in it.
    CharacterSet negated() {
        if (hasClasses()) {
            return new CharacterSet(c -> !has(c));
        }
        int[] gaps = new int[ranges.length + 2];
        int size = 0;
        int next = 0;
        for (int i = 0; i < ranges.length; i += 2) {
            if (next < ranges[i]) {
                gaps[size++] = next;
                gaps[size++] = ranges[i] - 1;
            }
            next = ranges[i + 1] + 1;
        }
        if (next <= Character.MAX_CODE_POINT) {
            gaps[size++] = next;
            gaps[size++] = Character.MAX_CODE_POINT;
        }
        return new CharacterSet(Arrays.copyOf(gaps, size), new IntPredicate[0]);
    }

    /// {@return whether it needs tables}
    boolean hasClasses() {
        return classes.length > 0;
    }

    boolean contains(int c) {
        if (c < 2 * Long.SIZE) {
            return ((c < Long.SIZE ? low : high) >>> c & 1) != 0;
        }
        return hasClasses() ? (page(c / PAGE)[c % PAGE / Long.SIZE] >>> c & 1) != 0 : isInRange(c);
    }

    /// As [#contains], without tables.
    private boolean has(int c) {
        if (isInRange(c)) {
            return true;
        }
        for (IntPredicate members : classes) {
            if (members.test(c)) {
                return true;
            }
        }
        return false;
    }

    private boolean isInRange(int c) {
        int at = Arrays.binarySearch(ranges, c);
        return at >= 0 || (~at & 1) != 0; // behind a first, before its last
    }

    private static long range(int first, int last) {
        return (long) first << Integer.SIZE | last;
    }

    /// Sorts ranges, and joins those that meet.
    private static int[] inOrder(long[] all) {
        Arrays.sort(all);
        int[] ranges = new int[2 * all.length];
        int size = 0;
        for (long one : all) {
            int first = (int) (one >>> Integer.SIZE);
            if (size > 0 && first <= ranges[size - 1] + 1) {
                ranges[size - 1] = Math.max(ranges[size - 1], (int) one);
            } else {
                ranges[size++] = first;
                ranges[size++] = (int) one;
            }
        }
        return Arrays.copyOf(ranges, size);
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
            bits |= has(first + i) ? 1L << i : 0;
        }
        return bits;
    }
}
