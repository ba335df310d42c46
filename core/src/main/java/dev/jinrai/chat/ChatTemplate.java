package dev.jinrai.chat;

import dev.jinrai.gguf.Metadata;
import dev.jinrai.tokenizer.Vocabulary;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A function from a conversation to the text of a prompt.
///
/// The text has no BOS token: [dev.jinrai.tokenizer.Tokenizer#encode] adds it. It is to be encoded
/// with `parseSpecial`, so that the marks between the turns become control tokens; the same marks
/// inside a message become control tokens too.
public interface ChatTemplate {
    /// The key that holds a model's own template; `KEY.NAME` holds a further one. (The list
    /// `tokenizer.chat_templates` repeats the names and is not needed.)
    String KEY = "tokenizer.chat_template";

    /// The further template that some models have for conversations with tools.
    String TOOL_USE = "tool_use";

    /// The name by which [#named] finds it.
    String name();

    /// {@return its Jinja text, if it has one: what shows how the model writes tool calls and
    /// reasoning}
    default Optional<String> source() {
        return Optional.empty();
    }

    /// {@return what messages call it}
    default String title() {
        return "chat template '%s'".formatted(name());
    }

    /// {@return the prompt for a conversation}
    ///
    /// A Jinja template that has no place for tools, and `zephyr`, gets their definitions in the system message, after
    /// a sentence that says what they are. One that has place for a single call in an answer gets an answer
    /// for each call. What it does with a role that it does not know, it decides: many leave the message out.
    ///
    /// @throws ChatTemplateException if there are calls and the template has no place for any, or it refuses the
    ///     conversation or fails; a built-in template also if there are roles other than its own, and `plain` and `none` if there are
    ///     tools
    String render(ChatInput input);

    /// {@return the prompt for a conversation of text alone}
    ///
    /// @param messages at least one, in order
    /// @param addGenerationPrompt end with what begins an answer of the assistant
    /// @throws ChatTemplateException if there is no message, or one has a role the template lacks
    default String render(List<Message> messages, boolean addGenerationPrompt) {
        return render(new ChatInput(messages, Tools.NONE, Map.of(), addGenerationPrompt));
    }

    /// The names of the built-in templates.
    static List<String> names() {
        return List.of(Raw.NAME, Plain.NAME, Zephyr.NAME);
    }

    /// A built-in template.
    ///
    /// @throws ChatTemplateException if there is none of that name, or the vocabulary lacks a token
    ///     it is made of
    static ChatTemplate named(String name, Vocabulary vocabulary) {
        return switch (name) {
            case Raw.NAME -> new Raw();
            case Plain.NAME -> new Plain();
            case Zephyr.NAME -> Zephyr.of(vocabulary);
            default ->
                    throw new ChatTemplateException(
                            "no chat template '%s' (known: %s)"
                                    .formatted(name, String.join(", ", names())));
        };
    }

    /// {@return the names of the further templates that a model has of its own: `tool_use`, `rag`}
    static List<String> variants(Metadata metadata) {
        String prefix = KEY + ".";
        return metadata.keys().stream()
                .filter(key -> key.startsWith(prefix))
                .map(key -> key.substring(prefix.length()))
                .toList();
    }

    /// The model's own template, whatever it is.
    ///
    /// @throws ChatTemplateException if the model has none, or one that is not Jinja
    static ChatTemplate from(Metadata metadata, Vocabulary vocabulary) {
        return from(metadata, vocabulary, Tools.NONE);
    }

    /// The same for a conversation with tools: where there are some, the model's template `tool_use`,
    /// if it has one.
    static ChatTemplate from(Metadata metadata, Vocabulary vocabulary, Tools tools) {
        return !tools.isEmpty() && variants(metadata).contains(TOOL_USE)
                ? variant(TOOL_USE, metadata, vocabulary)
                : parse(JinjaTemplate.OWN, metadata.string(KEY, ""), vocabulary);
    }

    /// One of a model's further templates.
    ///
    /// @throws ChatTemplateException if it has none of that name, or one that is not Jinja
    static ChatTemplate variant(String name, Metadata metadata, Vocabulary vocabulary) {
        List<String> variants = variants(metadata);
        if (!variants.contains(name)) {
            throw new ChatTemplateException(
                    "the model has no chat template '%s' (it has: %s)"
                            .formatted(name, String.join(", ", variants)));
        }
        return parse(name, metadata.string(KEY + "." + name), vocabulary);
    }

    private static ChatTemplate parse(String name, String text, Vocabulary vocabulary) {
        if (Zephyr.TEXTS.contains(text.strip())) {
            return Zephyr.of(vocabulary);
        }
        if (text.isBlank()) {
            throw new ChatTemplateException(
                    "the model has no chat template; those built in are "
                            + String.join(", ", names()));
        }
        return JinjaTemplate.parse(name, text, vocabulary);
    }
}
