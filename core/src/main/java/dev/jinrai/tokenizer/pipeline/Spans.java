package dev.jinrai.tokenizer.pipeline;

import java.util.Arrays;

/// A text cut into stretches, one behind the other: matches of a pattern, and what lies between
/// them. Mutable.
final class Spans {
    private int[] starts = new int[4];
    private int[] ends = new int[4];
    private boolean[] matches = new boolean[4];
    private int size;

    void add(int start, int end, boolean match) {
        if (size == starts.length) {
            int more = Math.multiplyExact(2, size);
            starts = Arrays.copyOf(starts, more);
            ends = Arrays.copyOf(ends, more);
            matches = Arrays.copyOf(matches, more);
        }
        starts[size] = start;
        ends[size] = end;
        matches[size++] = match;
    }

    int size() {
        return size;
    }

    int start(int index) {
        return starts[index];
    }

    int end(int index) {
        return ends[index];
    }

    boolean isMatch(int index) {
        return matches[index];
    }
}
