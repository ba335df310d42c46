package dev.jinrai.backend.vector;

/// Whether this JVM multiplies and adds with one instruction.
///
/// `Math.fma` rounds once everywhere: without the instruction by way of `BigDecimal`, a thousand times slower. No public API of
/// `java.base` says which (`java.management`, which does, costs tens of milliseconds to load), so it is timed. With the
/// instruction even the interpreter takes about as long as for a call that multiplies and adds; without it, compiled code is
/// 150 times slower than that and interpreted code 300 times.
final class Fma {
    /// Between once and 150 times.
    private static final int SLOWER = 20;

    /// What reading the clock may add.
    private static final long CLOCK_NANOS = 1000;

    /// A thread that is interrupted seems slow, so any fast round counts. One is enough as a rule, which takes some microseconds.
    private static final int ROUNDS = 5;

    private static final int CALLS = 16;

    /// Whether it does.
    static final boolean ONE_INSTRUCTION = measure();

    private Fma() {}

    private static boolean measure() {
        separate(); // the first call of a method takes longer
        for (int round = 0; round < ROUNDS; round++) {
            // The quicker of two: an interrupted one would raise the limit.
            if (fused() < SLOWER * Math.min(separate(), separate()) + CLOCK_NANOS) {
                return true;
            }
        }
        return false;
    }

    private static long fused() {
        long start = System.nanoTime();
        float x = 1.1f;
        for (int i = 0; i < CALLS; i++) {
            x = Math.fma(x, 0.9f, 0.1f);
        }
        return x > 0
                ? System.nanoTime() - start
                : Long.MAX_VALUE; // x is there before the clock is read
    }

    private static long separate() {
        long start = System.nanoTime();
        float x = 1.1f;
        for (int i = 0; i < CALLS; i++) {
            x = multiplyAdd(x, 0.9f, 0.1f);
        }
        return x > 0
                ? System.nanoTime() - start
                : Long.MAX_VALUE; // x is there before the clock is read
    }

    private static float multiplyAdd(float a, float b, float c) {
        return a * b + c;
    }
}
