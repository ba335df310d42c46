package dev.jinrai.backend;

/// What attention remembers of one timeline: the keys and values of positions `0 … length - 1`, for
/// every layer.
///
/// Mutable, made by [Backend#allocate(KvLayout)], with one owner. Storage grows with use, so a large
/// capacity costs nothing until it is filled. [Backend#append] writes beyond `length`; the positions
/// count once [#advance] says so. A pass that fails in the middle therefore changes nothing.
public interface KvCache extends AutoCloseable {
    /// {@return how many positions are remembered}
    int length();

    /// {@return how many positions can be}
    int capacity();

    /// Counts `positions` more as remembered.
    void advance(int positions);

    /// Forgets everything from position `length` on.
    void truncate(int length);

    @Override
    void close();
}
