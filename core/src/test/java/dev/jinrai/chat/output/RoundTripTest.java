package dev.jinrai.chat.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.jinrai.chat.ChatInput;
import dev.jinrai.chat.JinjaTemplate;
import dev.jinrai.chat.Message;
import dev.jinrai.chat.ToolCall;
import dev.jinrai.chat.Tools;
import dev.jinrai.tokenizer.SpecialToken;
import dev.jinrai.tokenizer.Vocabulary;
import dev.jinrai.tokenizer.VocabularyBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/// What a real template writes of an answer with calls, the parser that is chosen for it reads. The
/// templates belong to others and are read from the folder that the system property
/// `jinrai.reference` names.
class RoundTripTest {
    private static final String REFERENCE = System.getProperty("jinrai.reference", "");
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Vocabulary VOCABULARY =
            new VocabularyBuilder()
                    .tokens(List.of("<s>", "</s>"))
                    .special(SpecialToken.BOS, 0)
                    .special(SpecialToken.EOS, 1)
                    .build();

    /// What ends an answer, and so is never part of its text.
    private static final Pattern END =
            Pattern.compile(
                    "(</s>|<\\|im_end\\|>|<\\|eot_id\\|>|<\\|eom_id\\|>|<｜end▁of▁sentence｜>|<\\|call\\|>)\\s*$");

    /// The format of each template that writes calls in one of the formats there are.
    private static final Map<String, String> FORMATS =
            Map.ofEntries(
                    Map.entry("Qwen-Qwen2.5-7B-Instruct", "hermes"),
                    Map.entry("Qwen-QwQ-32B", "hermes"),
                    Map.entry("NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use", "hermes"),
                    Map.entry("Bielik-11B-v3.0-Instruct", "hermes"),
                    Map.entry("MiMo-VL", "hermes"),
                    Map.entry("Qwen3-Coder", "qwen-coder"),
                    Map.entry("Qwen3.5-4B", "qwen-coder"),
                    Map.entry("NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", "qwen-coder"),
                    Map.entry("StepFun3.5-Flash", "qwen-coder"),
                    Map.entry("meta-llama-Llama-3.1-8B-Instruct", "llama3"),
                    Map.entry("meta-llama-Llama-3.2-3B-Instruct", "llama3"),
                    Map.entry("unsloth-mistral-Devstral-Small-2507", "mistral"),
                    Map.entry("mistralai-Ministral-3-14B-Reasoning-2512", "mistral"),
                    Map.entry("deepseek-ai-DeepSeek-R1-Distill-Llama-8B", "deepseek"),
                    Map.entry("deepseek-ai-DeepSeek-V3.1", "deepseek"),
                    Map.entry("openai-gpt-oss-120b", "gpt-oss"));

    /// Templates that have place for one call in an answer.
    private static final Set<String> SINGLE =
            Set.of(
                    "meta-llama-Llama-3.1-8B-Instruct",
                    "meta-llama-Llama-3.2-3B-Instruct",
                    "openai-gpt-oss-120b");

    private static final ToolCall FIRST =
            new ToolCall(
                    "abcdef123",
                    "get_weather",
                    "{\"city\": \"Zürich \\\"🌧\\\"\\n<b> \\\\\", \"days\": 3}");
    private static final ToolCall SECOND =
            new ToolCall(
                    "abcdef124", "add", "{\"a\": 1.5, \"b\": [1, {\"c\": true, \"d\": \"x\"}]}");

    @Test
    void whatATemplateWritesItsParserReads() throws IOException {
        assumeFalse(REFERENCE.isEmpty(), "jinrai.reference is not set");
        List<String> wrong = new ArrayList<>();
        for (var each : FORMATS.entrySet()) {
            Path file = Path.of(REFERENCE, "templates", "source", each.getKey() + ".jinja");
            var template = JinjaTemplate.parse(each.getKey(), Files.readString(file), VOCABULARY);
            OutputFormat format = OutputFormat.of(template);
            assertThat(format.name()).as(each.getKey()).isEqualTo(each.getValue());
            List<ToolCall> calls =
                    SINGLE.contains(each.getKey()) ? List.of(FIRST) : List.of(FIRST, SECOND);
            String got = roundTrip(template, format, calls);
            if (!got.isEmpty()) {
                wrong.add(each.getKey() + ": " + got);
            }
        }
        assertThat(wrong).as("of %d templates", FORMATS.size()).isEmpty();
    }

    /// Calls in these are written otherwise, or not at all.
    @Test
    void aTemplateOfAnotherFormIsPlain() throws IOException {
        assumeFalse(REFERENCE.isEmpty(), "jinrai.reference is not set");
        List<Path> files;
        try (var all = Files.list(Path.of(REFERENCE, "templates", "source"))) {
            files = all.filter(file -> file.toString().endsWith(".jinja")).toList();
        }
        for (Path file : files) {
            String name = file.getFileName().toString().replace(".jinja", "");
            var template = JinjaTemplate.parse(name, Files.readString(file), VOCABULARY);
            assertThat(OutputFormat.of(template).name())
                    .as(name)
                    .isEqualTo(
                            name.equals("ByteDance-Seed-OSS")
                                    ? "seed-oss" // it writes lists as Python does: no way back
                                    : FORMATS.getOrDefault(name, "plain"));
        }
    }

    private static String roundTrip(
            JinjaTemplate template, OutputFormat format, List<ToolCall> calls) {
        Message question = Message.user("Question?");
        Tools tools = Outputs.TOOLS;
        var input = ChatInput.of(List.of(question)).withTools(tools);
        String open = template.render(input);
        assertThat(open).as(template.name()).contains("get_weather");
        String closed =
                template.render(
                        new ChatInput(
                                List.of(question, Message.assistant("", "", calls)),
                                tools,
                                Map.of(),
                                false));
        int cut = common(open, closed);
        String answer = END.matcher(closed.substring(cut)).replaceFirst("");
        var given = new Outputs.Given(format, closed.substring(0, cut), Outputs.TOOLS);
        Reply reply = Reply.of(given.events(List.of(answer)));
        given.parse(answer);
        boolean right =
                reply.toolCalls().size() == calls.size()
                        && reply.content().isEmpty()
                        && reply.reasoning().isEmpty();
        for (int i = 0; right && i < calls.size(); i++) {
            ToolCall got = reply.toolCalls().get(i);
            right =
                    got.name().equals(calls.get(i).name())
                            && JSON.readTree(got.arguments())
                                    .equals(JSON.readTree(calls.get(i).arguments()));
        }
        return right ? "" : "%s of '%s'".formatted(reply, answer);
    }

    /// A conversation whose answer has two calls keeps both, and their results.
    @Test
    void noCallIsLost() throws IOException {
        assumeFalse(REFERENCE.isEmpty(), "jinrai.reference is not set");
        for (String name : FORMATS.keySet()) {
            Path file = Path.of(REFERENCE, "templates", "source", name + ".jinja");
            var template = JinjaTemplate.parse(name, Files.readString(file), VOCABULARY);
            assertThat(
                            template.render(
                                    ChatInput.of(
                                                    List.of(
                                                            Message.user("Question?"),
                                                            Message.assistant(
                                                                    "", "", List.of(FIRST, SECOND)),
                                                            Message.tool(FIRST, "result one"),
                                                            Message.tool(SECOND, "result two")))
                                            .withTools(Outputs.TOOLS)))
                    .as(name)
                    .contains("get_weather", "1.5", "result one", "result two");
        }
    }

    /// {@return how long the beginning is that both have}, not ending inside a mark
    private static int common(String a, String b) {
        int same = 0;
        while (same < a.length() && same < b.length() && a.charAt(same) == b.charAt(same)) {
            same++;
        }
        int mark = b.lastIndexOf('<', same - 1);
        boolean inside = same < b.length() && mark >= 0 && b.indexOf('>', mark) >= same;
        return inside ? mark : same;
    }
}
