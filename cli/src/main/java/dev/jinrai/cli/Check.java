package dev.jinrai.cli;

/// One comparison of a backend with the specification.
///
/// @param name what was computed
/// @param error the largest difference, as a part of the largest value
/// @param limit what rounding may make of it
/// @param nanos how long the backend took
/// @param problem what was thrown; empty if nothing was
record Check(String name, double error, double limit, long nanos, String problem) {
    boolean ok() {
        return problem.isEmpty() && error <= limit; // a NaN is not
    }
}
