package dev.jinrai;

/// More tokens were fed than the context holds. The session is as it was before.
public class ContextOverflowException extends RuntimeException {
    private final int needed;
    private final int capacity;

    ContextOverflowException(int needed, int capacity) {
        super(
                "the context holds %d tokens and %d are needed; shorten the text or open the model with a longer context"
                        .formatted(capacity, needed));
        this.needed = needed;
        this.capacity = capacity;
    }

    /// {@return how many tokens the timeline would have had}
    public int needed() {
        return needed;
    }

    /// {@return how many it can have}
    public int capacity() {
        return capacity;
    }
}
