package dev.jinrai.tokenizer.pipeline;

/// A text that a pattern may read only so often: a pattern from a file may take exponential time.
/// Mutable, for one search.
final class Bounded implements CharSequence {
    private static final long READS_PER_CHARACTER = 500;
    private static final long READS = 1 << 20;

    private final String text;
    private long left;

    Bounded(String text) {
        this.text = text;
        left = READS + READS_PER_CHARACTER * text.length();
    }

    /// All reads are used up.
    static final class Exhausted extends RuntimeException {
        private static final long serialVersionUID = 1;

        Exhausted() {
            super("", null, false, false);
        }
    }

    @Override
    public char charAt(int index) {
        if (--left < 0) {
            throw new Exhausted();
        }
        return text.charAt(index);
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.substring(start, end);
    }

    @Override
    public String toString() {
        return text;
    }
}
