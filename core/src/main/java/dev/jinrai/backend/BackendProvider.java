package dev.jinrai.backend;

/// How a backend is found and opened.
public interface BackendProvider {
    /// {@return the name a user selects it by}
    String name();

    /// {@return what `auto` prefers: the available provider with the highest number}
    int preference();

    /// Looks whether this machine can run it. Cheap, and never throws.
    Availability probe();

    /// Opens it.
    ///
    /// @throws BackendException if it is not available
    Backend open(BackendOptions options);
}
