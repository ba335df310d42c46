package dev.jinrai.tokenizer;

import java.util.Arrays;

/// A priority queue of `long` values, smallest first: a binary heap in one array.
final class LongHeap {
    private long[] values = new long[64];
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    void push(long value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, Math.addExact(size, size));
        }
        int hole = size++;
        while (hole > 0) {
            int parent = (hole - 1) >>> 1;
            if (values[parent] <= value) {
                break;
            }
            values[hole] = values[parent];
            hole = parent;
        }
        values[hole] = value;
    }

    long pop() {
        long smallest = values[0];
        long value = values[--size];
        int hole = 0;
        for (int child = 1; child < size; child = 2 * hole + 1) {
            if (child + 1 < size && values[child + 1] < values[child]) {
                child++;
            }
            if (values[child] >= value) {
                break;
            }
            values[hole] = values[child];
            hole = child;
        }
        values[hole] = value;
        return smallest;
    }
}
