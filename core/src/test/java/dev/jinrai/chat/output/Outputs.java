package dev.jinrai.chat.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.chat.Tools;
import dev.jinrai.chat.output.OutputEvent.Arguments;
import dev.jinrai.chat.output.OutputEvent.Content;
import dev.jinrai.chat.output.OutputEvent.Malformed;
import dev.jinrai.chat.output.OutputEvent.Reasoning;
import dev.jinrai.chat.output.OutputEvent.ToolCallBegun;
import dev.jinrai.chat.output.OutputEvent.ToolCallComplete;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assertions;

/// Parses a text in every way it can be cut, and says in one string what came out.
///
/// `R(…)` reasoning, `C(…)` content, `T(name#id …)` a call with its arguments, `X(name …|reason)` a
/// malformed one. Calls without an id are named `id1`, `id2`.
final class Outputs {
    static final Tools TOOLS =
            Tools.of(
                    List.of(
                            tool("get_weather", Map.of("city", "string", "days", "integer")),
                            tool("add", Map.of("a", "number", "b", "number")),
                            tool("nothing", Map.of())));

    private Outputs() {}

    static Map<String, Object> tool(String name, Map<String, String> types) {
        var properties = new LinkedHashMap<String, Object>();
        types.forEach((parameter, type) ->
                properties.put(parameter, Map.of("type", type, "description", "It.")));
        return Map.of(
                "type",
                "function",
                "function",
                Map.of(
                        "name",
                        name,
                        "description",
                        "Does it.",
                        "parameters",
                        Map.of("type", "object", "properties", properties)));
    }

    /// A format, what is before the answer, and the tools.
    ///
    /// @param ended whether the model ends the answer
    record Given(OutputFormat format, String prompt, Tools tools, boolean ended) {
        Given(OutputFormat format, String prompt, Tools tools) {
            this(format, prompt, tools, true);
        }

        static Given of(String format) {
            return new Given(OutputFormat.named(format), "", TOOLS);
        }

        Given after(String text) {
            return new Given(format, text, tools, ended);
        }

        Given with(Tools others) {
            return new Given(format, prompt, others, ended);
        }

        /// {@return the same for answers that a limit cuts}
        Given truncated() {
            return new Given(format, prompt, tools, false);
        }

        /// {@return what comes out of a text, however it is cut}
        String parse(String text) {
            String whole = describe(events(List.of(text)));
            for (int i = 1; i < text.length(); i++) {
                check(whole, List.of(text.substring(0, i), text.substring(i)));
            }
            check(whole, text.chars().mapToObj(c -> String.valueOf((char) c)).toList());
            var random = new SplittableRandom(text.hashCode());
            for (int round = 0; round < 20; round++) {
                check(whole, cut(text, random));
            }
            return whole;
        }

        private void check(String whole, List<String> pieces) {
            String got = describe(events(pieces));
            if (!got.equals(whole)) { // assertThat would be slow, this often
                Assertions.assertEquals(whole, got, () -> "cut as " + pieces);
            }
        }

        List<OutputEvent> events(List<String> pieces) {
            var ids = new AtomicInteger();
            OutputParser parser = format.parser(prompt, tools, () -> "id" + ids.incrementAndGet());
            List<OutputEvent> events = new ArrayList<>();
            pieces.forEach(piece -> events.addAll(parser.append(piece)));
            events.addAll(parser.finish(ended));
            return events;
        }
    }

    static List<String> cut(String text, SplittableRandom random) {
        List<String> pieces = new ArrayList<>();
        for (int i = 0; i < text.length(); ) {
            int end = Math.min(text.length(), i + random.nextInt(8));
            pieces.add(text.substring(i, end));
            i = end;
        }
        return pieces;
    }

    /// {@return the events as one string; fails if they are not in order}
    static String describe(List<OutputEvent> events) {
        StringBuilder out = new StringBuilder();
        String kind = "";
        String name = "";
        int index = 0;
        for (OutputEvent event : events) {
            String next = event instanceof Content ? "C" : event instanceof Reasoning ? "R" : "";
            if (!kind.isEmpty() && !next.equals(kind)) {
                out.append(')');
            }
            if (!next.isEmpty() && !next.equals(kind)) {
                out.append(next).append('(');
            }
            kind = next;
            switch (event) {
                case Content c -> out.append(text(c.text()));
                case Reasoning r -> out.append(text(r.text()));
                case ToolCallBegun b -> {
                    assertThat(b.index()).isEqualTo(index);
                    assertThat(name).as("calls overlap").isEmpty();
                    name = b.name();
                    out.append("T(").append(name).append('#').append(b.id()).append(' ');
                }
                case Arguments a -> {
                    assertThat(a.index()).isEqualTo(index);
                    assertThat(name).isNotEmpty();
                    out.append(text(a.json()));
                }
                case ToolCallComplete c -> {
                    assertThat(c.index()).isEqualTo(index++);
                    assertThat(name).isNotEmpty();
                    name = "";
                    out.append(')');
                }
                case Malformed m -> {
                    assertThat(m.index()).isEqualTo(index++);
                    assertThat(name).isNotEmpty();
                    out.append("|X ").append(text(m.text())).append('|').append(m.reason());
                    name = "";
                    out.append(')');
                }
            }
        }
        assertThat(name).as("a call that does not end").isEmpty();
        return kind.isEmpty() ? out.toString() : out.append(')').toString();
    }

    private static String text(String text) {
        assertThat(text).isNotEmpty();
        return text;
    }
}
