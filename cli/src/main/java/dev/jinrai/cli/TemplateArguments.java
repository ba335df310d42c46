package dev.jinrai.cli;

import dev.jinrai.Model;
import dev.jinrai.chat.ChatTemplate;
import dev.jinrai.chat.ChatTemplateException;
import dev.jinrai.chat.JinjaTemplate;
import dev.jinrai.chat.Tools;
import dev.jinrai.chat.output.OutputFormat;
import dev.jinrai.tokenizer.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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
            names = "--tools",
            paramLabel = "FILE",
            description =
                    "The functions the model may ask to have called: a JSON array of definitions as"
                            + " OpenAI's API has them.")
    private Optional<Path> tools = Optional.empty();

    @Option(
            names = "--template-var",
            paramLabel = "NAME=VALUE",
            description =
                    "A variable for the template, enable_thinking=false for example: JSON, or else"
                            + " text; may be given several times.")
    private List<String> variables = new ArrayList<>();

    @Option(
            names = "--chat-template-kwargs",
            paramLabel = "JSON",
            description = "The same as one JSON object.")
    private Optional<String> keywords = Optional.empty();

    @Option(
            names = "--output-format",
            paramLabel = "NAME",
            description =
                    "How reasoning and calls are written in the answer: plain, hermes, qwen-coder,"
                            + " seed-oss, llama3, mistral, deepseek, gpt-oss, json (default: as the"
                            + " template shows).")
    private Optional<String> format = Optional.empty();

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
        if (off && (tools.isPresent() || !variables.isEmpty() || keywords.isPresent())) {
            throw new UsageException(
                    "--no-template: tools and template variables need a chat template");
        }
        if (off && format.isPresent()) {
            throw new UsageException("--no-template: an output format needs a chat template");
        }
        format.ifPresent(n -> {
            if (!OutputFormat.names().contains(n)) {
                throw new UsageException(
                        "--output-format: no format '%s' (known: %s)"
                                .formatted(n, String.join(", ", OutputFormat.names())));
            }
        });
        variables();
    }

    /// {@return what both options say; the one for a single variable goes before}
    private Map<String, @Nullable Object> variables() {
        var all = new LinkedHashMap<String, @Nullable Object>();
        keywords.ifPresent(text -> all.putAll(object(text)));
        for (String variable : variables) {
            int equals = variable.indexOf('=');
            if (equals <= 0) {
                throw new UsageException(
                        "--template-var: wanted NAME=VALUE, got '%s'"
                                .formatted(Printable.line(variable, 40)));
            }
            all.put(variable.substring(0, equals), Json.orText(variable.substring(equals + 1)));
        }
        for (String own : List.of("messages", "tools", "add_generation_prompt")) {
            if (all.containsKey(own)) {
                throw new UsageException(
                        ("--template-var, --chat-template-kwargs: '%s' is the conversation's own,"
                                        + " and cannot be set")
                                .formatted(own));
            }
        }
        return all;
    }

    private static Map<String, @Nullable Object> object(String text) {
        try {
            return Json.map(Json.readObject(text));
        } catch (CommandException e) {
            throw new UsageException("--chat-template-kwargs: " + e.getMessage());
        }
    }

    private Tools tools() {
        return tools.map(
                        file -> {
                            String text = TextInput.read(file);
                            try {
                                return Tools.of(Json.list(text));
                            } catch (CommandException | ChatTemplateException e) {
                                throw new CommandException(
                                        "--tools: %s: %s".formatted(file, e.getMessage()));
                            }
                        })
                .orElse(Tools.NONE);
    }

    /// {@return whether a template was turned off}
    boolean off() {
        return off;
    }

    /// {@return whether an option asks for a template}
    boolean asked() {
        return system.isPresent()
                || name.isPresent()
                || tools.isPresent()
                || format.isPresent()
                || !variables.isEmpty()
                || keywords.isPresent();
    }

    Optional<String> system() {
        return system;
    }

    /// {@return the template that adds nothing}
    static ChatTemplate none(Model model) {
        return ChatTemplate.named("none", model.tokenizer().vocabulary());
    }

    /// {@return the template named, else the model's own, with what else was asked for}
    ///
    /// @throws ChatTemplateException if there is none; the message names the options that choose one
    Chat of(Model model, Io io) {
        Tools functions = tools();
        ChatTemplate template =
                name.map(n -> chosen(n, model)).orElseGet(() -> own(model, functions));
        Map<String, @Nullable Object> told = variables();
        String source = template.source().orElse("");
        told.keySet().stream()
                .filter(variable -> !source.contains(variable))
                .forEach(variable ->
                        io.messages()
                                .notice(
                                        "chat template '%s' does not mention '%s'"
                                                .formatted(template.name(), variable)));
        OutputFormat read =
                format.map(OutputFormat::named).orElseGet(() -> OutputFormat.of(template));
        if (!functions.isEmpty()
                && format.isEmpty()
                && !source.isEmpty() // those built in refuse tools
                && read.name().equals("plain")) {
            io.messages()
                    .notice(
                            "calls in this model's answers are not read: its chat template shows no"
                                    + " known form of them; --output-format names one");
        }
        return new Chat(template, read, functions, told);
    }

    /// A built-in template goes before a further one of the model, and that before a file of the same
    /// name.
    private static ChatTemplate chosen(String name, Model model) {
        Vocabulary vocabulary = model.tokenizer().vocabulary();
        if (ChatTemplate.names().contains(name)) {
            return ChatTemplate.named(name, vocabulary);
        }
        if (ChatTemplate.variants(model.metadata()).contains(name)) {
            return ChatTemplate.variant(name, model.metadata(), vocabulary);
        }
        if (!Files.isRegularFile(Path.of(name))) {
            throw new UsageException(
                    "--chat-template: no template '%s' built in (known: %s), and no file of that name"
                            .formatted(
                                    name,
                                    Stream.concat(
                                                    ChatTemplate.names().stream(),
                                                    ChatTemplate.variants(model.metadata())
                                                            .stream())
                                            .collect(Collectors.joining(", "))));
        }
        try {
            return JinjaTemplate.parse(name, Files.readString(Path.of(name)), vocabulary);
        } catch (IOException e) {
            throw new CommandException("--chat-template: cannot read " + name + " as UTF-8 text");
        }
    }

    private static ChatTemplate own(Model model, Tools tools) {
        try {
            return ChatTemplate.from(model.metadata(), model.tokenizer().vocabulary(), tools);
        } catch (ChatTemplateException e) {
            throw new ChatTemplateException(
                    e.getMessage() + "; --chat-template names one, --no-template uses none");
        }
    }
}
