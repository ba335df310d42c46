package dev.jinrai.backend;

/// Activations on a backend: `rows × columns` f32, one row a token.
///
/// Mutable, made by [Backend#allocate], and read or written through that backend only.
public interface Buffer {
    /// {@return the number of tokens}
    int rows();

    /// {@return the number of values per token}
    int columns();

    /// {@return the first `rows` rows of this buffer; a view, nothing is copied}
    Buffer first(int rows);
}
