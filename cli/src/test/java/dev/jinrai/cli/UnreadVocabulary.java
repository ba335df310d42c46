package dev.jinrai.cli;

import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.GgufWriter;
import java.nio.file.Path;

/// A model whose vocabulary we do not read: its pre-tokenizer has a name that nobody knows.
final class UnreadVocabulary {
    private UnreadVocabulary() {}

    static String in(Path folder) {
        Path file = folder.resolve("unread.gguf");
        try (Gguf model = Gguf.open(Path.of(Repository.file("goldens/models/llama3.gguf")))) {
            var writer = new GgufWriter().putAll(model.metadata());
            writer.string("tokenizer.ggml.pre", "unheard-of");
            for (var tensor : model.tensors()) {
                writer.tensor(tensor.name(), tensor.type(), tensor.shape(), model.data(tensor));
            }
            writer.write(file);
        }
        return file.toString();
    }
}
