package dev.jinrai.chat.output;

import dev.jinrai.chat.ChatTemplate;
import dev.jinrai.chat.ChatTemplateException;
import dev.jinrai.chat.Tools;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/// How a family of models writes reasoning and calls.
public final class OutputFormat {
    private enum Family {
        PLAIN,
        HERMES,
        QWEN_CODER,
        SEED_OSS,
        LLAMA3,
        MISTRAL,
        DEEPSEEK,
        GPT_OSS,
        JSON;

        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /// What shows that calls are written otherwise, though a mark of a format here is mentioned: GLM's
    /// arguments, MiroThinker's calls, Apriel's list.
    private static final List<String> OTHERS =
            List.of("<arg_key>", "use_mcp_tool", "<tool_calls>[");

    private final Family family;
    private final Optional<Thinking> thinking;

    private OutputFormat(Family family, Optional<Thinking> thinking) {
        this.family = family;
        this.thinking = thinking;
    }

    /// The names by which [#named] finds a format.
    public static List<String> names() {
        return Arrays.stream(Family.values()).map(Family::label).toList();
    }

    /// {@return a format by its name}
    ///
    /// @throws ChatTemplateException if there is none of that name
    public static OutputFormat named(String name) {
        Family family =
                Arrays.stream(Family.values())
                        .filter(each -> each.label().equals(name))
                        .findFirst()
                        .orElseThrow(() ->
                                new ChatTemplateException(
                                        "no output format '%s' (known: %s)"
                                                .formatted(name, String.join(", ", names()))));
        return new OutputFormat(
                family,
                switch (family) {
                    case HERMES, QWEN_CODER, DEEPSEEK, JSON -> Optional.of(Thinking.THINK);
                    case SEED_OSS -> Optional.of(Thinking.SEED);
                    case MISTRAL -> Optional.of(Thinking.BRACKETS);
                    case PLAIN, LLAMA3, GPT_OSS -> Optional.empty();
                });
    }

    /// {@return the format that the marks in a template's text show}; the plain one where they show
    /// none, or one that is not read here. `json` is for whoever asks for it: no template shows it
    public static OutputFormat of(ChatTemplate template) {
        String source = template.source().orElse("");
        return new OutputFormat(family(source), Thinking.in(source));
    }

    private static Family family(String source) {
        if (source.contains("<|channel|>")) {
            return Family.GPT_OSS;
        }
        if (source.contains("[TOOL_CALLS]")) {
            return Family.MISTRAL;
        }
        if (source.contains("<｜tool▁calls▁begin｜>")) {
            return Family.DEEPSEEK;
        }
        if (source.contains("<seed:tool_call>")) {
            return Family.SEED_OSS;
        }
        if (OTHERS.stream().anyMatch(source::contains)) {
            return Family.PLAIN;
        }
        if (source.contains("<tool_call>")) {
            return source.contains("<function=") ? Family.QWEN_CODER : Family.HERMES;
        }
        if (source.contains("<|start_header_id|>")
                && !source.contains("<function=") // Functionary's
                && (source.contains("<|python_tag|>") || source.contains("\"parameters\":"))) {
            return Family.LLAMA3;
        }
        return Family.PLAIN;
    }

    public String name() {
        return family.label();
    }

    /// {@return the marks that the parser has to see, also where they are control tokens, which
    /// otherwise are not printed}
    public Set<String> marks() {
        Set<String> marks =
                new LinkedHashSet<>(
                        switch (family) {
                            case PLAIN, JSON -> List.of();
                            case HERMES, QWEN_CODER -> List.of(Hermes.OPEN, Hermes.CLOSE);
                            case SEED_OSS -> List.of(QwenCoder.SEED_OPEN, QwenCoder.SEED_CLOSE);
                            case LLAMA3 -> List.of(Llama3.TAG);
                            case MISTRAL -> Mistral.marks();
                            case DEEPSEEK -> DeepSeek.marks();
                            case GPT_OSS -> GptOss.marks();
                        });
        thinking.ifPresent(t -> marks.addAll(List.of(t.open(), t.close())));
        return marks;
    }

    /// {@return a parser for one answer}
    ///
    /// A call that the model gives no id gets one made of the prompt: the same the next time, and
    /// another one in each turn of a conversation.
    ///
    /// @param prompt what the answer follows: a template may open the reasoning at its end
    /// @param tools the functions there are; without them nothing is a call, except for gpt-oss
    public OutputParser parser(String prompt, Tools tools) {
        var random = new SplittableRandom(prompt.hashCode());
        return parser(prompt, tools, () -> id(random));
    }

    /// The same, and says how calls are named that the model gives no id.
    public OutputParser parser(String prompt, Tools tools, Supplier<String> ids) {
        boolean thinks = thinking.filter(marks -> marks.opensIn(prompt)).isPresent();
        Setup setup = new Setup(thinking, thinks, tools, ids);
        if (family == Family.GPT_OSS) {
            return new GptOss(setup, prompt);
        }
        if (tools.isEmpty()) {
            return new Unmarked(setup);
        }
        return switch (family) {
            case PLAIN -> new Unmarked(setup);
            case HERMES -> new Hermes(setup);
            case QWEN_CODER -> new QwenCoder(setup, Hermes.OPEN, Hermes.CLOSE);
            case SEED_OSS -> new QwenCoder(setup, QwenCoder.SEED_OPEN, QwenCoder.SEED_CLOSE);
            case LLAMA3 -> new Llama3(setup);
            case MISTRAL -> new Mistral(setup);
            case DEEPSEEK -> new DeepSeek(setup);
            case JSON -> new GenericJson(setup);
            case GPT_OSS -> throw new AssertionError(family);
        };
    }

    /// Nine letters and digits, which is what Mistral's templates ask of an id.
    private static String id(SplittableRandom random) {
        String alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        StringBuilder id = new StringBuilder();
        for (int i = 0; i < 9; i++) {
            id.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return id.toString();
    }
}
