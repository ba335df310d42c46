package dev.jinrai.cli;

import dev.jinrai.gguf.Gguf;
import dev.jinrai.tokenizer.Tokenizer;
import java.nio.file.Path;

/// The tokenizer of a file that may hold nothing else: no weight is needed to tokenize.
record VocabularyFile(Gguf gguf, Tokenizer tokenizer) implements AutoCloseable {

    static VocabularyFile open(Path file) {
        Gguf gguf = Gguf.open(file);
        try {
            return new VocabularyFile(
                    gguf, ModelFile.named(file, () -> Tokenizer.from(gguf.metadata())));
        } catch (RuntimeException | Error e) {
            gguf.close();
            throw e;
        }
    }

    @Override
    public void close() {
        gguf.close();
    }
}
