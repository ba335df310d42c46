package dev.jinrai.backend;

import java.util.Optional;

/// A device that a backend can compute on, or could if it lacked nothing.
///
/// @param index its number among the devices of its backend
/// @param name as its driver calls it
/// @param driver the driver and its version
/// @param memory its memory, in bytes
/// @param free how much of it may still be taken, in bytes, as far as the driver says
/// @param software whether a program on the CPU plays it
/// @param refusal why it cannot be used, in one sentence; nothing if it can
public record Device(
        int index,
        String name,
        String driver,
        long memory,
        long free,
        boolean software,
        Optional<String> refusal) {}
