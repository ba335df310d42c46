package dev.jinrai.huggingface;

import dev.jinrai.chat.ChatTemplate;
import dev.jinrai.gguf.Quote;
import dev.jinrai.json.JsonNode;
import dev.jinrai.json.JsonValue;
import dev.jinrai.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A directory's chat templates by their names, wherever they are; the main one is `default`.
///
/// `chat_template.jinja` goes before `chat_template.json`, and this before `chat_template` in `tokenizer_config.json`, which
/// is a text or a list of `{"name", "template"}`. The folder `additional_chat_templates` has further ones.
///
/// Source: `processing_utils.py` and `tokenization_utils_base.py` in `transformers` 5.18.
record ChatTemplates(Map<String, String> byName) {
    private static final String DEFAULT = "default";
    private static final String SUFFIX = ".jinja";
    private static final int LARGEST = 4 << 20;

    static ChatTemplates in(Path directory) {
        Map<String, String> templates = new LinkedHashMap<>();
        Side.checked(() -> {
            Side.read(directory, "tokenizer_config.json")
                    .find("chat_template")
                    .ifPresent(node -> add(node, templates));
            Side.read(directory, "chat_template.json")
                    .find("chat_template")
                    .ifPresent(node -> add(node, templates));
            return templates;
        });
        Path own = directory.resolve("chat_template" + SUFFIX);
        if (Files.exists(own)) {
            templates.put(DEFAULT, text(own));
        }
        for (Path file : further(directory.resolve("additional_chat_templates"))) {
            String name = file.getFileName().toString();
            templates.put(name.substring(0, name.length() - SUFFIX.length()), text(file));
        }
        return new ChatTemplates(templates);
    }

    private static void add(JsonNode node, Map<String, String> templates) {
        if (node.value() instanceof JsonValue.Items) {
            for (JsonNode one : node.items()) {
                templates.put(one.get("name").text(), one.get("template").text());
            }
        } else {
            templates.put(DEFAULT, node.text());
        }
    }

    private static List<Path> further(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
        } catch (IOException e) {
            throw unreadable(folder);
        }
    }

    private static String text(Path file) {
        Side.checkRegular(file);
        try {
            if (Files.size(file) > LARGEST) {
                throw new ModelException(
                        "%s: has more than the %d MiB that are read"
                                .formatted(Quote.printable(file.toString()), LARGEST >> 20));
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw unreadable(file);
        }
    }

    private static ModelException unreadable(Path file) {
        return new ModelException(
                Quote.printable(file.toString()) + ": cannot be read as UTF-8 text");
    }

    /// Writes them as a GGUF file has them.
    void write(GgufKeys keys) {
        List<String> further = byName.keySet().stream().filter(n -> !n.equals(DEFAULT)).toList();
        if (!further.isEmpty()) {
            keys.texts("tokenizer.chat_templates", further);
        }
        byName.forEach((name, text) ->
                keys.text(
                        name.equals(DEFAULT) ? ChatTemplate.KEY : ChatTemplate.KEY + "." + name,
                        text));
    }
}
