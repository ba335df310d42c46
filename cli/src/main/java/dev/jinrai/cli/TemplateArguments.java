package dev.jinrai.cli;

import dev.jinrai.Model;
import dev.jinrai.chat.ChatTemplate;
import dev.jinrai.chat.ChatTemplateException;
import dev.jinrai.chat.JinjaTemplate;
import dev.jinrai.tokenizer.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// How a conversation becomes a prompt.
@Command
final class TemplateArguments {
    @Option(
            names = "--system-prompt",
            paramLabel = "TEXT",
            description = "What the model is told before the conversation.")
    private Optional<String> system = Optional.empty();

    @Option(
            names = "--chat-template",
            paramLabel = "NAME|FILE",
            description =
                    "A chat template in place of the model's own: zephyr, plain, none, or a Jinja"
                            + " file.")
    private Optional<String> name = Optional.empty();

    @Option(
            names = "--no-template",
            description = "Use no chat template: the prompt is the text as it is.")
    private boolean off;

    /// @throws UsageException if the options contradict each other or name no template
    void check() {
        if (off && name.isPresent()) {
            throw new UsageException("--no-template and --chat-template exclude each other");
        }
        if (off && system.isPresent()) {
            throw new UsageException("--no-template: a system prompt needs a chat template");
        }
        name.ifPresent(n -> {
            if (!ChatTemplate.names().contains(n) && !Files.isRegularFile(Path.of(n))) {
                throw new UsageException(
                        "--chat-template: no template '%s' built in (known: %s), and no file of that name"
                                .formatted(n, String.join(", ", ChatTemplate.names())));
            }
        });
    }

    /// {@return whether a template was turned off}
    boolean off() {
        return off;
    }

    /// {@return whether an option asks for a template}
    boolean asked() {
        return system.isPresent() || name.isPresent();
    }

    Optional<String> system() {
        return system;
    }

    /// {@return the template that adds nothing}
    static ChatTemplate none(Model model) {
        return ChatTemplate.named("none", model.tokenizer().vocabulary());
    }

    /// {@return the template named, else the model's own}
    ///
    /// @throws ChatTemplateException if there is none; the message names the options that choose one
    ChatTemplate of(Model model) {
        var vocabulary = model.tokenizer().vocabulary();
        return name.map(n -> chosen(n, vocabulary)).orElseGet(() -> own(model));
    }

    /// A built-in template goes before a file of the same name.
    private static ChatTemplate chosen(String name, Vocabulary vocabulary) {
        if (ChatTemplate.names().contains(name)) {
            return ChatTemplate.named(name, vocabulary);
        }
        try {
            return JinjaTemplate.parse(name, Files.readString(Path.of(name)), vocabulary);
        } catch (IOException e) {
            throw new CommandException("--chat-template: cannot read " + name + " as UTF-8 text");
        }
    }

    private static ChatTemplate own(Model model) {
        try {
            return ChatTemplate.from(model.metadata(), model.tokenizer().vocabulary());
        } catch (ChatTemplateException e) {
            throw new ChatTemplateException(
                    e.getMessage() + "; --chat-template names one, --no-template uses none");
        }
    }
}
