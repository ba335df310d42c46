package dev.jinrai.cli;

/// Numbers on the command line that have limits.
final class Range {
    private Range() {}

    /// @throws UsageException if the value is not in the range
    static void whole(String option, long value, long least, long largest) {
        if (value < least || value > largest) {
            throw new UsageException(
                    largest == Integer.MAX_VALUE || largest == Long.MAX_VALUE
                            ? "%s: wanted %d or more, got %d".formatted(option, least, value)
                            : "%s: wanted %d to %d, got %d"
                                    .formatted(option, least, largest, value));
        }
    }
}
