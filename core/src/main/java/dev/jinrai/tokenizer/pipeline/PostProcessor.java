package dev.jinrai.tokenizer.pipeline;

import dev.jinrai.json.JsonNode;
import java.util.ArrayList;
import java.util.List;

/// The special tokens around a text, in their order: what `post_processor` of a `tokenizer.json`
/// says of single texts. Immutable.
///
/// @param front the ids before the text
/// @param end the ids behind it
public record PostProcessor(List<Integer> front, List<Integer> end) {
    private static final String KNOWN =
            "BertProcessing, ByteLevel, RobertaProcessing, Sequence, TemplateProcessing";

    /// Adds nothing.
    public static final PostProcessor NONE = new PostProcessor(List.of(), List.of());

    /// What an object describes.
    ///
    /// @throws dev.jinrai.json.JsonException if there is none of its type, or it lacks a setting
    public static PostProcessor of(JsonNode node) {
        String type = node.get("type").text();
        return switch (type) {
            case "ByteLevel" -> NONE;
            case "BertProcessing", "RobertaProcessing" ->
                    new PostProcessor(List.of(id(node.get("cls"))), List.of(id(node.get("sep"))));
            case "TemplateProcessing" -> template(node);
            case "Sequence" -> {
                PostProcessor all = NONE;
                for (JsonNode step : node.get("processors").items()) {
                    all = of(step).around(all);
                }
                yield all;
            }
            default -> throw Unsupported.type(node, "post-processor", type, KNOWN);
        };
    }

    /// `["</s>", 2]`
    private static int id(JsonNode pair) {
        List<JsonNode> items = pair.items();
        if (items.size() != 2) {
            throw pair.wrong("wanted a token and its id, got %d values".formatted(items.size()));
        }
        return items.get(1).whole(0, Integer.MAX_VALUE);
    }

    private static PostProcessor template(JsonNode node) {
        List<Integer> front = new ArrayList<>();
        List<Integer> end = new ArrayList<>();
        boolean behind = false;
        for (JsonNode step : node.get("single").items()) {
            var special = step.find("SpecialToken");
            if (special.isPresent()) {
                JsonNode token = node.get("special_tokens").get(special.get().get("id").text());
                for (JsonNode id : token.get("ids").items()) {
                    (behind ? end : front).add(id.whole(0, Integer.MAX_VALUE));
                }
                continue;
            }
            JsonNode sequence = step.get("Sequence").get("id");
            if (behind || !sequence.text().equals("A")) {
                throw sequence.wrong("wanted the sequence A, once");
            }
            behind = true;
        }
        if (!behind) {
            throw node.get("single").wrong("has no place for the text");
        }
        return new PostProcessor(List.copyOf(front), List.copyOf(end));
    }

    private PostProcessor around(PostProcessor inner) {
        List<Integer> before = new ArrayList<>(front);
        before.addAll(inner.front);
        List<Integer> after = new ArrayList<>(inner.end);
        after.addAll(end);
        return new PostProcessor(List.copyOf(before), List.copyOf(after));
    }
}
