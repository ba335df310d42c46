package dev.jinrai.jinja;

import java.util.AbstractList;

/// Python's range.
final class Range extends AbstractList<Object> {
    /// What Jinja's sandbox allows.
    static final int LONGEST = 100_000;

    private final long start;
    private final long stop;
    private final long step;
    private final int size;

    Range(long start, long stop, long step) {
        if (step == 0) {
            throw new Problem("range() arg 3 must not be zero");
        }
        this.start = start;
        this.stop = stop;
        this.step = step;
        double count = Math.ceil(((double) stop - start) / step);
        if (count > LONGEST) {
            throw new Problem("a range has at most %,d items".formatted(LONGEST));
        }
        size = (int) Math.max(0, count);
    }

    /// {@return the part from one place to another, which is a range too}
    Range slice(long first, long end, long by) {
        return new Range(start + first * step, start + end * step, step * by);
    }

    @Override
    public Object get(int index) {
        return start + index * step;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public String toString() {
        return "range(%d, %d%s)".formatted(start, stop, step == 1 ? "" : ", " + step);
    }
}
