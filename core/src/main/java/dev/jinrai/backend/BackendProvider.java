package dev.jinrai.backend;

import java.util.List;

/// How a backend is found and opened.
public interface BackendProvider {
    /// {@return the name a user selects it by}
    String name();

    /// {@return what `auto` prefers: the available provider with the highest number; a negative one is taken only by name}
    int preference();

    /// Looks whether this machine can run it. Cheap, and never throws.
    Availability probe();

    /// {@return the devices that a user can choose from, usable or not; none for a backend that runs on the processor}
    default List<Device> devices() {
        return List.of();
    }

    /// {@return whether weights, keys and values lie in the memory of a device of its own, which a model may be too large for}
    default boolean ownMemory() {
        return false;
    }

    /// Opens it.
    ///
    /// @throws BackendException if it, or the device asked for, is not available
    Backend open(BackendOptions options);
}
