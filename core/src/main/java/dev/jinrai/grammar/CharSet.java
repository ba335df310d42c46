package dev.jinrai.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A set of characters: Unicode scalar values, as ascending ranges that do not touch. Immutable.
///
/// Surrogates are no characters (The Unicode Standard, definition D76) and are in no set.
final class CharSet {
    private static final int LAST = Character.MAX_CODE_POINT;
    static final CharSet NONE = new CharSet(new int[0]);
    static final CharSet ALL = of(0, LAST);

    private final int[] bounds;

    private CharSet(int[] bounds) {
        this.bounds = bounds;
    }

    /// @param fromTo first and last character of each range, in any order; may overlap
    static CharSet of(int... fromTo) {
        List<int[]> ranges = new ArrayList<>();
        for (int i = 0; i < fromTo.length; i += 2) {
            add(ranges, fromTo[i], Math.min(fromTo[i + 1], Character.MIN_SURROGATE - 1));
            add(ranges, Math.max(fromTo[i], Character.MAX_SURROGATE + 1), fromTo[i + 1]);
        }
        ranges.sort((a, b) -> Integer.compare(a[0], b[0]));
        int[] merged = new int[2 * ranges.size()];
        int size = 0;
        for (int[] range : ranges) {
            if (size > 0 && range[0] <= merged[size - 1] + 1) {
                merged[size - 1] = Math.max(merged[size - 1], range[1]);
            } else {
                merged[size++] = range[0];
                merged[size++] = range[1];
            }
        }
        return new CharSet(Arrays.copyOf(merged, size));
    }

    private static void add(List<int[]> ranges, int from, int to) {
        if (from <= to) {
            ranges.add(new int[] {from, to});
        }
    }

    /// {@return the characters of a text}
    static CharSet of(String characters) {
        return of(characters.codePoints().flatMap(c -> Arrays.stream(new int[] {c, c})).toArray());
    }

    CharSet union(CharSet other) {
        int[] both = Arrays.copyOf(bounds, bounds.length + other.bounds.length);
        System.arraycopy(other.bounds, 0, both, bounds.length, other.bounds.length);
        return of(both);
    }

    CharSet complement() {
        int[] gaps = new int[bounds.length + 2];
        int size = 0;
        int from = 0;
        for (int i = 0; i < bounds.length; i += 2) {
            if (from < bounds[i]) {
                gaps[size++] = from;
                gaps[size++] = bounds[i] - 1;
            }
            from = bounds[i + 1] + 1;
        }
        if (from <= LAST) {
            gaps[size++] = from;
            gaps[size++] = LAST;
        }
        return of(Arrays.copyOf(gaps, size));
    }

    CharSet minus(CharSet other) {
        return complement().union(other).complement();
    }

    boolean contains(int character) {
        for (int i = 0; i < bounds.length; i += 2) {
            if (bounds[i] <= character && character <= bounds[i + 1]) {
                return true;
            }
        }
        return false;
    }

    boolean isEmpty() {
        return bounds.length == 0;
    }

    /// {@return first and last character of each range}
    int[] ranges() {
        return bounds.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CharSet set && Arrays.equals(bounds, set.bounds);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bounds);
    }
}
