package dev.jinrai;

import dev.jinrai.gguf.Gguf;
import dev.jinrai.huggingface.HuggingFaceCheckpoint;
import dev.jinrai.model.Checkpoint;
import dev.jinrai.model.GgufCheckpoint;
import java.nio.file.Files;
import java.nio.file.Path;

/// Opens a model's files, whatever they are.
public final class Checkpoints {
    private Checkpoints() {}

    /// {@return the files of a model: a GGUF file, or a directory of Hugging Face; close it}
    ///
    /// @throws dev.jinrai.gguf.GgufException if the file cannot be read or is malformed
    /// @throws dev.jinrai.safetensors.SafetensorsException if the weights of a directory cannot be read or are malformed
    /// @throws dev.jinrai.model.ModelException if a directory has no `config.json`, or one that this build cannot follow
    public static Checkpoint open(Path file) {
        return Files.isDirectory(file)
                ? HuggingFaceCheckpoint.open(file)
                : new GgufCheckpoint(Gguf.open(file));
    }
}
