package dev.jinrai.backend;

import java.util.Optional;

/// How a backend is to be opened.
///
/// @param threads compute threads, the calling one included; at least 1
/// @param device one of [BackendProvider#devices], by its number or a part of its name; nothing for the best
public record BackendOptions(int threads, Optional<String> device) {
    public BackendOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: wanted 1 or more, got " + threads);
        }
    }

    /// The best device.
    public BackendOptions(int threads) {
        this(threads, Optional.empty());
    }
}
