package dev.jinrai.tokenizer;

import dev.jinrai.json.Json;
import dev.jinrai.json.JsonException;
import dev.jinrai.json.JsonNode;
import dev.jinrai.json.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What the files beside a `tokenizer.json` say about it; each of them may be missing.
///
/// @param special texts of special tokens by the part they play, `bos_token` for example
/// @param added tokens to be added if the tokenizer does not have them
/// @param addBos whether a text begins with BOS, where the settings say so
/// @param addEos whether a text ends with EOS, where the settings say so
/// @param cleanUp whether spaces before punctuation are taken out of decoded texts
/// @param ends ids at which generation stops
/// @param chatTemplate in Jinja
record HuggingFaceSettings(
        Map<String, String> special,
        List<AddedToken> added,
        Optional<Boolean> addBos,
        Optional<Boolean> addEos,
        boolean cleanUp,
        List<Integer> ends,
        Optional<String> chatTemplate) {

    private static final List<String> PARTS =
            List.of(
                    "bos_token",
                    "eos_token",
                    "unk_token",
                    "sep_token",
                    "pad_token",
                    "cls_token",
                    "mask_token");

    /// Reads what a directory has.
    static HuggingFaceSettings in(Path directory) {
        JsonNode config = read(directory, "tokenizer_config.json");
        JsonNode map = read(directory, "special_tokens_map.json");
        Map<String, String> special = new LinkedHashMap<>();
        for (String part : PARTS) {
            config.find(part)
                    .or(() -> map.find(part))
                    .ifPresent(node -> special.put(part, content(node)));
        }
        List<AddedToken> added = new ArrayList<>(added(config));
        special.values().forEach(text -> added.add(AddedToken.special(text)));
        for (String key : List.of("additional_special_tokens", "extra_special_tokens")) {
            config.find(key)
                    .or(() -> map.find(key))
                    .ifPresent(more -> more(more).forEach(added::add));
        }
        JsonNode generation = read(directory, "generation_config.json");
        Optional<JsonNode> ends =
                generation.find("eos_token_id").or(() -> ends(read(directory, "config.json")));
        return new HuggingFaceSettings(
                special,
                added,
                config.find("add_bos_token").map(JsonNode::flag),
                config.find("add_eos_token").map(JsonNode::flag),
                config.flag("clean_up_tokenization_spaces", false),
                ends.map(HuggingFaceSettings::ids).orElse(List.of()),
                chatTemplate(directory, config));
    }

    /// `["<a>", …]`, or `{"image_token": "<a>", …}`
    private static List<AddedToken> more(JsonNode node) {
        List<JsonNode> tokens =
                node.value() instanceof JsonValue.Members
                        ? node.members().keySet().stream().map(node::get).toList()
                        : node.items();
        return tokens.stream().map(token -> AddedToken.special(content(token))).toList();
    }

    /// Of a model that reads more than text, the part that does says it.
    private static Optional<JsonNode> ends(JsonNode config) {
        return config.find("eos_token_id")
                .or(() -> config.find("text_config").flatMap(text -> text.find("eos_token_id")));
    }

    private static JsonNode read(Path directory, String name) {
        Path file = directory.resolve(name);
        if (!Files.exists(file)) {
            return JsonNode.root(new JsonValue.Members(Map.of()));
        }
        return Json.readAsPython(file).named(file.toString());
    }

    /// `"<s>"`, or `{"content": "<s>", …}`
    private static String content(JsonNode node) {
        return node.value() instanceof JsonValue.Members ? node.get("content").text() : node.text();
    }

    /// `added_tokens_decoder`, in the order of the ids.
    private static List<AddedToken> added(JsonNode config) {
        Map<Integer, AddedToken> byId = new TreeMap<>();
        config.find("added_tokens_decoder")
                .ifPresent(decoder -> {
                    for (String id : decoder.members().keySet()) {
                        if (!id.matches("[0-9]{1,9}")) {
                            throw decoder.wrong(
                                    "wanted ids as keys, got " + TokenizerException.quote(id));
                        }
                        byId.put(Integer.valueOf(id), AddedToken.ofSettings(decoder.get(id)));
                    }
                });
        return List.copyOf(byId.values());
    }

    /// One or several; −1 stands for none.
    private static List<Integer> ids(JsonNode node) {
        List<JsonNode> all = node.value() instanceof JsonValue.Items ? node.items() : List.of(node);
        return all.stream()
                .map(one -> one.whole(-1, Integer.MAX_VALUE))
                .filter(id -> id >= 0)
                .toList();
    }

    /// The file of its own first; of several templates in the settings that with the name `default`.
    /// The file of a processor, `chat_template.json`, last.
    private static Optional<String> chatTemplate(Path directory, JsonNode config) {
        Path file = directory.resolve("chat_template.jinja");
        if (Files.exists(file)) {
            try {
                return Optional.of(Files.readString(file));
            } catch (IOException e) {
                throw new JsonException("%s: cannot be read as text".formatted(file));
            }
        }
        Optional<JsonNode> template = config.find("chat_template");
        if (template.isPresent() && template.get().value() instanceof JsonValue.Items) {
            return template.get().items().stream()
                    .filter(one -> one.get("name").text().equals("default"))
                    .map(one -> one.get("template").text())
                    .findFirst();
        }
        return template.or(() -> read(directory, "chat_template.json").find("chat_template"))
                .map(JsonNode::text);
    }
}
