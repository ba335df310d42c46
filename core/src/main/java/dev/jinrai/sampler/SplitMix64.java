package dev.jinrai.sampler;

/// A small random generator with a published algorithm, so that a seed means the same tokens on
/// every JDK.
///
/// Source: Steele, Lea & Flood 2014, *Fast Splittable Pseudorandom Number Generators*, figure 16,
/// with the mixing constants of Stafford's variant 13.
final class SplitMix64 {
    private long state;

    SplitMix64(long seed) {
        state = seed;
    }

    long next() {
        state += 0x9E3779B97F4A7C15L;
        long z = state;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    /// {@return a number in [0, 1), a multiple of 2⁻⁵³}
    double nextDouble() {
        return (next() >>> 11) * 0x1p-53;
    }
}
