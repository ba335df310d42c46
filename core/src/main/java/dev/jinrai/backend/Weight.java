package dev.jinrai.backend;

/// A matrix, a vector or a stack of matrices that a backend holds ready to multiply with.
///
/// Made by [Backend#upload] and valid on that backend until it is closed.
public interface Weight {
    /// {@return the tensor's name in the file, for messages}
    String name();

    /// {@return the number of matrices: 1, or the number of experts}
    int slices();

    /// {@return the number of outputs}
    int rows();

    /// {@return the number of inputs}
    int columns();
}
