package dev.jinrai.cli;

import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Which vocabulary.
@Command
final class VocabularyArguments {
    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            description =
                    "A GGUF file, with or without weights, a tokenizer.json of Hugging Face, a"
                        + " directory that has one or is a model, or a name in the model directory"
                        + " (default: the demo model).")
    private Optional<String> model = Optional.empty();

    /// {@return whether an option names it}
    boolean given() {
        return model.isPresent();
    }

    VocabularyFile open(Io io) {
        return ModelFile.huggingFaceTokenizer(model, io)
                .map(VocabularyFile::openHuggingFace)
                .orElseGet(() -> VocabularyFile.open(ModelFile.find(model, io)));
    }
}
