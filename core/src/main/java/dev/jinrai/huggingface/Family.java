package dev.jinrai.huggingface;

import dev.jinrai.backend.Rope.Pairing;
import java.util.List;
import java.util.OptionalInt;

/// How one family of models is written in Hugging Face's directories: what its `config.json` means in the keys of a GGUF file, and what
/// its tensors are called there. Adding one is a file in this package and a word in [Families].
interface Family {
    /// {@return the classes of `transformers` it covers, as `architectures` in a `config.json` names them}
    List<String> classes();

    /// {@return the value of `general.architecture`}
    String architecture();

    /// Writes the keys of the architecture.
    ///
    /// @param keys named below the architecture
    /// @throws dev.jinrai.model.ModelException if a setting is missing, or is not supported; the message names it
    void configure(Config config, GgufKeys keys);

    /// {@return where each tensor comes from}
    List<Rule> tensors();

    /// {@return whether the output matrix is the embedding}
    boolean tied(Config config);

    /// {@return how many positions a token attends to, itself included, where it is not all}
    default OptionalInt window(Config config) {
        return OptionalInt.empty();
    }

    /// {@return what each pair's frequency is divided by, where a tensor says it in a GGUF file; else none}
    default float[] ropeFactors(Config config) {
        return new float[0];
    }

    /// {@return which values of a head turn together in these weights}
    default Pairing pairing() {
        return Pairing.HALVES;
    }

    /// {@return whether [Rule.Rows] of queries and keys are interleaved in a GGUF file}
    default boolean interleavedInGguf() {
        return false;
    }
}
