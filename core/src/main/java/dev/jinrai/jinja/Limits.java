package dev.jinrai.jinja;

/// What one rendering may take. A template comes from a stranger's file; it may not loop for ever,
/// fill the memory or overflow the stack.
///
/// @param steps evaluated nodes of the template and visited elements; 64 characters
///     scanned are one, and 8 of those that are looked at one by one
/// @param output characters of the result
/// @param memory characters of all strings made on the way, and 8 for each element of a list
/// @param depth statements, expressions and values inside each other
public record Limits(long steps, long output, long memory, int depth) {
    /// Enough for a conversation of some millions of tokens.
    public static final Limits DEFAULT = new Limits(50_000_000, 1L << 26, 1L << 28, 600);

    /// @throws IllegalArgumentException if one is not positive
    public Limits {
        if (steps <= 0 || output <= 0 || memory <= 0 || depth <= 0) {
            throw new IllegalArgumentException("limits are positive");
        }
    }
}
