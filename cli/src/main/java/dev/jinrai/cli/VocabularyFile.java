package dev.jinrai.cli;

import dev.jinrai.Model;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.tokenizer.Tokenizer;
import dev.jinrai.tokenizer.TokenizerException;
import java.nio.file.Path;
import java.util.Optional;

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

    /// The tokenizer of a model that is used by ids. Ids need none: where it cannot be read, a notice
    /// says what is missing for that, and why.
    ///
    /// @param missing such as `the answer has no text`
    static Optional<Tokenizer> ifReadable(Model model, String missing, Io io) {
        try {
            return Optional.of(model.tokenizer());
        } catch (TokenizerException e) {
            io.messages().notice("%s: %s".formatted(missing, e.getMessage()));
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        gguf.close();
    }
}
