package dev.jinrai.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.jinrai.testing.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Real chat templates, rendered as Python's jinja2 renders them. Their sources belong to others and
/// are read from the folder that the system property `jinrai.reference` names.
class TemplateGoldenTest {
    private static final String REFERENCE = System.getProperty("jinrai.reference", "");
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final Clock CLOCK =
            Clock.fixed(Instant.parse("2025-01-02T03:04:05Z"), ZoneOffset.UTC);

    @Test
    void everyRealTemplateEqualsPythonsByteForByte() throws IOException {
        assumeFalse(REFERENCE.isEmpty(), "jinrai.reference is not set");
        Path folder = Path.of(REFERENCE, "templates");
        List<String> wrong = new ArrayList<>();
        List<JsonNode> cases = JsonLines.read(folder.resolve("cases.jsonl"));
        for (JsonNode each : cases) {
            String name = each.get("template").asString();
            String source = Files.readString(folder.resolve("source").resolve(name));
            String actual = render(source, each.get("context"));
            String wanted = each.has("error") ? "line " : each.get("ok").asString();
            boolean right = each.has("error") ? actual.startsWith(wanted) : actual.equals(wanted);
            if (!right) {
                wrong.add(
                        "%s, %s:%n%s%nwanted%n%s"
                                .formatted(name, each.get("case"), actual, wanted));
            }
        }
        assertThat(cases).isNotEmpty();
        assertThat(wrong).as("of %d cases", cases.size()).isEmpty();
    }

    private static String render(String source, JsonNode context) {
        Map<String, Object> variables =
                MAPPER.convertValue(context, new TypeReference<Map<String, Object>>() {});
        try {
            return Template.parse(source).render(variables, Limits.DEFAULT, CLOCK);
        } catch (TemplateException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
