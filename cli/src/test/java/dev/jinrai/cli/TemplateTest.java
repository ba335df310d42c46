package dev.jinrai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TemplateTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir private Path folder;

    @Test
    void rendersTheModelsOwnTemplateWithItsTokens() {
        Captured result =
                lines(
                        "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"add_generation_prompt\":true}\n"
                            + "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"eos_token\":\"<E>\"}\n");

        assertThat(result.err()).isEmpty();
        assertThat(texts(result))
                .containsExactly("<|user|>\nHi</s>\n<|assistant|>\n", "<|user|>\nHi<E>\n");
    }

    @Test
    void rendersAFileWithTheLinesVariablesAlone() throws IOException {
        Path file =
                template(
                        "{{ bos_token }}{% for t in tools %}{{ t | tojson }};{% endfor %}{{ n"
                                + " }}{{ v }}\n");
        Captured result =
                lines(
                        "{\"bos_token\":\"<s>\",\"tools\":[{\"b\":1,\"a\":[null,true,1.5,\"ü\"]}],\"n\":12345678901234567890,\"v\":null}\n"
                            + "{\"tools\":[]}\n",
                        "--source",
                        file.toString());

        assertThat(texts(result))
                .containsExactly(
                        "<s>{\"b\": 1, \"a\": [null, true, 1.5, \"ü\"]};12345678901234567890None",
                        "");
        Captured withModel =
                lines(
                        "{\"tools\":[]}\n",
                        "--source",
                        file.toString(),
                        "-m",
                        Repository.root().resolve("demo/demo-Q8_0.gguf").toString());
        assertThat(texts(withModel)).containsExactly("<s>");
    }

    @Test
    void whatFailsIsAnErrorOfThatLine() throws IOException {
        Path file =
                template(
                        "{% if x is undefined %}{{ raise_exception('no\n"
                                + "x') }}{% endif %}{{ x.y.z }}");
        Captured result =
                lines(
                        "{}\nnonsense\n{\"x\":{}}\n{\"x\":{\"y\":{\"z\":1}}}\n",
                        "--source",
                        file.toString());

        assertThat(result.code()).isZero();
        List<JsonNode> answers = result.out().lines().map(JSON::readTree).toList();
        assertThat(answers).hasSize(4);
        assertThat(answers.subList(0, 3))
                .allSatisfy(answer ->
                        assertThat(answer.get("error").asString())
                                .isNotEmpty()
                                .doesNotContain("\n"));
        assertThat(answers.getFirst().get("error").asString()).startsWith("line 1, column");
        assertThat(answers.getLast().get("text").asString()).isEqualTo("1");
    }

    @Test
    void aTemplateThatIsNoneIsTheAnswerToEveryLine() throws IOException {
        Path file = template("ok\n{% if %}");
        Captured result = lines("{}\n{}\n", "--source", file.toString());

        assertThat(result.code()).isZero();
        assertThat(result.out().lines())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).startsWith("{\"error\":\"line 2, column"));
    }

    @Test
    void theTimeCanBeGiven() throws IOException {
        Path file = template("{{ strftime_now('%d %b %Y %H:%M') }}");
        Captured result =
                lines("{}\n", "--source", file.toString(), "--now", "2025-01-02T03:04:05");

        assertThat(texts(result)).containsExactly("02 Jan 2025 03:04");
    }

    @Test
    void whatCannotStartIsOneLine() {
        assertThat(Captured.run("template").code()).isEqualTo(2);
        assertThat(Captured.run("template").err()).contains("--jsonl").hasLineCount(1);
        Captured missing = lines("{}\n", "--source", folder.resolve("none.jinja").toString());
        assertThat(missing.code()).isEqualTo(1);
        assertThat(missing.err()).contains("none.jinja").hasLineCount(1);
        Captured time = lines("{}\n", "--now", "soon");
        assertThat(time.code()).isEqualTo(2);
        assertThat(time.err()).contains("--now", "'soon'").hasLineCount(1);
        Path vocabulary = Repository.root().resolve("goldens/tokenizers/unigram/vocab.gguf");
        Captured without = lines("{}\n", "-m", vocabulary.toString());
        assertThat(without.code()).isEqualTo(1);
        assertThat(without.err()).contains("no chat template", "--source").hasLineCount(1);
    }

    private Path template(String source) throws IOException {
        return Files.writeString(folder.resolve("template.jinja"), source);
    }

    private static Captured lines(String input, String... options) {
        String[] arguments = new String[options.length + 2];
        arguments[0] = "template";
        arguments[1] = "--jsonl";
        System.arraycopy(options, 0, arguments, 2, options.length);
        return Captured.run(Map.of(), input, false, arguments);
    }

    private static List<String> texts(Captured result) {
        return result.out()
                .lines()
                .map(line -> JSON.readTree(line).path("text").asString(line))
                .toList();
    }
}
