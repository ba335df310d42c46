package dev.jinrai.tokenizer.pipeline;

/// How much longer a text may become: a file made for it doubles a text in each of thirty steps.
///
/// Of published components NFKD makes the most, 18 characters of one.
public final class Growth {
    private static final long FACTOR = 64;
    private static final long FREE = 4096;

    private Growth() {}

    /// {@return the most UTF-16 units that may become of a text of so many}
    public static long most(int length) {
        return FREE + FACTOR * length;
    }

    /// Throws if normalizers have made a text too long.
    ///
    /// @param length what it has now, in UTF-16 units
    /// @param most what [#most] says
    public static void check(long length, long most) {
        check(length, most, "normalizers");
    }

    /// Throws if these components have made a text too long.
    static void check(long length, long most, String components) {
        if (length > most) {
            throw new PatternException(
                    "the %s make more than %d characters of one".formatted(components, FACTOR));
        }
    }

    /// {@return how many times as long replacing makes a text at most}
    static long factor(TextPattern pattern, String content) {
        int matched = pattern instanceof TextPattern.Literal(String literal) ? literal.length() : 1;
        long whole = Math.ceilDiv((long) content.length(), matched);
        // Between any two characters, an expression may match nothing.
        return pattern instanceof TextPattern.Literal ? Math.max(whole, 1) : content.length() + 1L;
    }

    /// {@return whether so many times is too much}
    static boolean isTooMuch(long factor) {
        return factor > FACTOR;
    }
}
