package dev.jinrai.model;

import dev.jinrai.backend.Tensor;
import dev.jinrai.gguf.Metadata;
import java.util.List;
import java.util.Optional;

/// What a model's files hold: metadata in GGUF's terms, and named tensors.
public interface Checkpoint {
    /// {@return what to call the file in messages}
    String source();

    Metadata metadata();

    /// {@return the names of all tensors, in file order}
    List<String> tensorNames();

    /// {@return the tensor of that name}
    ///
    /// @throws dev.jinrai.format.UnsupportedFormatException if its type cannot be read; the message
    /// names the tensor
    /// @throws ModelException if no weight can have its shape; the message names the tensor
    Optional<Tensor> tensor(String name);
}
