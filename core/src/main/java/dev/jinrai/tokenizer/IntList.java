package dev.jinrai.tokenizer;

import java.util.Arrays;

/// A growing array of `int`.
final class IntList {
    private int[] values;
    private int size;

    IntList(int capacity) {
        values = new int[Math.max(capacity, 8)];
    }

    void add(int value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, Math.addExact(size, size >> 1));
        }
        values[size++] = value;
    }

    int get(int index) {
        return values[index];
    }

    /// Forgets what comes after the first `newSize` values.
    void truncate(int newSize) {
        size = newSize;
    }

    void clear() {
        size = 0;
    }

    int size() {
        return size;
    }

    /// {@return the values from a place on}
    int[] tail(int from) {
        return Arrays.copyOfRange(values, from, size);
    }

    int[] toArray() {
        return Arrays.copyOf(values, size);
    }
}
