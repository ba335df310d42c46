package dev.jinrai.backend;

/// Whether a backend can run on this machine, and if not, why: the reason is shown to the user.
public sealed interface Availability {
    /// It runs.
    ///
    /// @param device what it runs on
    /// @param memory how much memory it may fill, in bytes
    record Available(String device, long memory) implements Availability {}

    /// It does not.
    ///
    /// @param reason why, with the remedy where there is one
    record Unavailable(String reason) implements Availability {}
}
