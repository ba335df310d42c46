package dev.jinrai.model;

import dev.jinrai.backend.Rope.Pairing;
import dev.jinrai.backend.Tensor;
import dev.jinrai.gguf.Metadata;
import dev.jinrai.tokenizer.Tokenizer;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// What a model's files hold: metadata in GGUF's terms, and named tensors.
public interface Checkpoint extends AutoCloseable {
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

    /// {@return what messages call a tensor: its name in the files}
    default String called(String name) {
        return name;
    }

    /// {@return which values of a head turn together in the rows of queries and keys}
    ///
    /// @param gguf which do in a GGUF file of the architecture
    default Pairing pairing(Pairing gguf) {
        return gguf;
    }

    /// {@return the bytes of all tensors, where they are mapped}
    default List<MemorySegment> data() {
        return tensorNames().stream().map(name -> tensor(name).orElseThrow().data()).toList();
    }

    /// {@return bytes that tensors take beside the files, because they cannot be used as they are}
    default long decodedBytes() {
        return 0;
    }

    /// {@return a new tokenizer}
    ///
    /// @throws dev.jinrai.tokenizer.TokenizerException if this build has none for the files
    default Tokenizer tokenizer() {
        return Tokenizer.from(metadata());
    }

    /// {@return what of the files has no effect, in sentences for a user}
    default List<String> notices() {
        return List.of();
    }

    /// Lets the files go; tensors end with it.
    @Override
    default void close() {}
}
