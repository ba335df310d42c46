package dev.jinrai.huggingface;

import dev.jinrai.gguf.Quote;
import dev.jinrai.json.Json;
import dev.jinrai.json.JsonException;
import dev.jinrai.json.JsonNode;
import dev.jinrai.json.JsonValue;
import dev.jinrai.model.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Small JSON files beside the weights, each of which may be missing.
final class Side {
    private Side() {}

    /// {@return the document, an empty object if there is no such file}
    static JsonNode read(Path directory, String name) {
        Path file = directory.resolve(name);
        if (!Files.exists(file)) {
            return JsonNode.root(new JsonValue.Members(Map.of()));
        }
        checkRegular(file);
        return Json.read(file).named(Quote.printable(file.toString()));
    }

    /// Checks that a file is one, whatever names it: opening a pipe would wait for its writer.
    ///
    /// @throws ModelException if it is something else
    static void checkRegular(Path file) {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new ModelException(Quote.printable(file.toString()) + ": is not a regular file");
        }
    }

    /// Runs `reading`; what JSON lacks or has otherwise is a [ModelException].
    static <T> T checked(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (JsonException e) {
            throw new ModelException(Quote.printable("" + e.getMessage()));
        }
    }

    /// {@return one id, or the ids of a list}
    static List<Integer> ids(JsonNode node) {
        return node.value() instanceof JsonValue.Items
                ? node.items().stream().map(one -> one.whole(0, Integer.MAX_VALUE)).toList()
                : List.of(node.whole(0, Integer.MAX_VALUE));
    }
}
