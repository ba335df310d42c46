package dev.jinrai.arch;

import dev.jinrai.model.Checkpoint;
import dev.jinrai.model.ModelConfig;
import java.util.Set;

/// How one family of models differs from the others: its GGUF name and its configuration.
public interface Architecture {

    /// {@return the value of `general.architecture`}
    String name();

    /// Reads a file's hyper-parameters.
    ///
    /// @throws dev.jinrai.gguf.GgufException if one is missing or has the wrong type
    /// @throws ModelException if one has a value no model of the family can have
    ModelConfig configure(Checkpoint checkpoint);

    /// {@return tensors that [#configure] reads and no layer binds}
    default Set<String> consumed() {
        return Set.of();
    }
}
