package dev.jinrai.chat;

import dev.jinrai.gguf.Metadata;
import dev.jinrai.tokenizer.Vocabulary;
import java.util.List;

/// A function from a conversation to the text of a prompt.
///
/// The text has no BOS token: [dev.jinrai.tokenizer.Tokenizer#encode] adds it. It is to be encoded
/// with `parseSpecial`, so that the marks between the turns become control tokens; the same marks
/// inside a message become control tokens too.
public interface ChatTemplate {
    /// The key that holds a model's own template.
    String KEY = "tokenizer.chat_template";

    /// The name by which [#named] finds it.
    String name();

    /// {@return what messages call it}
    default String title() {
        return "chat template '%s'".formatted(name());
    }

    /// {@return the prompt for a conversation}
    ///
    /// @param messages at least one, in order
    /// @param addGenerationPrompt end with what begins an answer of the assistant
    /// @throws ChatTemplateException if there is no message, or one has a role the template lacks
    String render(List<Message> messages, boolean addGenerationPrompt);

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

    /// The model's own template, whatever it is.
    ///
    /// @throws ChatTemplateException if the model has none, or one that is not Jinja
    static ChatTemplate from(Metadata metadata, Vocabulary vocabulary) {
        String text = metadata.string(KEY, "");
        if (Zephyr.TEXTS.contains(text.strip())) {
            return Zephyr.of(vocabulary);
        }
        if (text.isBlank()) {
            throw new ChatTemplateException(
                    "the model has no chat template; those built in are "
                            + String.join(", ", names()));
        }
        return JinjaTemplate.parse(JinjaTemplate.OWN, text, vocabulary);
    }
}
