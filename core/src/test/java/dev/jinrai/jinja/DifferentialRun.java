package dev.jinrai.jinja;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Our side of `scripts/same-templates`: a template and its variables a line in, the text or the
/// error a line out. See `docs/recipes/compare-templates.md`.
final class DifferentialRun {
    private static final JsonMapper MAPPER = new JsonMapper();

    private DifferentialRun() {}

    public static void main(String[] args) throws IOException {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var out =
                new PrintStream(
                        new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        for (String line; (line = in.readLine()) != null; ) {
            out.println(MAPPER.writeValueAsString(answer(MAPPER.readTree(line))));
        }
        out.flush();
    }

    private static Map<String, String> answer(JsonNode question) {
        Map<String, Object> variables =
                MAPPER.convertValue(
                        question.get("context"), new TypeReference<Map<String, Object>>() {});
        try {
            Template template = Template.parse(question.get("template").asString());
            return Map.of("text", template.render(variables));
        } catch (TemplateException e) {
            // Where jinja2 fails too, a fault of ours would pass for an answer.
            return Map.of(e.getCause() == null ? "error" : "fault", String.valueOf(e.getMessage()));
        }
    }
}
