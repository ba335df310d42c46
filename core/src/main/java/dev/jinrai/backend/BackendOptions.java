package dev.jinrai.backend;

/// How a backend is to be opened.
///
/// @param threads compute threads, the calling one included; at least 1
public record BackendOptions(int threads) {
    public BackendOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: wanted 1 or more, got " + threads);
        }
    }
}
