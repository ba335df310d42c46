package dev.jinrai.cli;

import dev.jinrai.Checkpoints;
import dev.jinrai.Model;
import dev.jinrai.chat.ChatTemplate;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.model.Checkpoint;
import dev.jinrai.tokenizer.HuggingFaceTokenizer;
import dev.jinrai.tokenizer.Tokenizer;
import dev.jinrai.tokenizer.TokenizerException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The tokenizer of a file that may hold nothing else: no weight is needed to tokenize.
///
/// @param chatTemplate the model's own, in Jinja; blank if it has none
record VocabularyFile(Tokenizer tokenizer, String chatTemplate) {

    static VocabularyFile open(Path file) {
        if (Files.isDirectory(file)) {
            try (Checkpoint checkpoint = ModelFile.named(file, () -> Checkpoints.open(file))) {
                return new VocabularyFile(
                        ModelFile.named(file, checkpoint::tokenizer),
                        checkpoint.metadata().string(ChatTemplate.KEY, ""));
            }
        }
        try (Gguf gguf = Gguf.open(file)) {
            return new VocabularyFile(
                    ModelFile.named(file, () -> Tokenizer.from(gguf.metadata())),
                    gguf.metadata().string(ChatTemplate.KEY, ""));
        }
    }

    /// The same of Hugging Face's files.
    ///
    /// @param path a `tokenizer.json`, or a directory that has it
    static VocabularyFile openHuggingFace(Path path) {
        HuggingFaceTokenizer tokenizer =
                ModelFile.named(path, () -> HuggingFaceTokenizer.open(path));
        return new VocabularyFile(tokenizer, tokenizer.chatTemplate().orElse(""));
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
}
