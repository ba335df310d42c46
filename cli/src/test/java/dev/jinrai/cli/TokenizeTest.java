package dev.jinrai.cli;

import static dev.jinrai.cli.Jinrai.jinrai;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.cli.Jinrai.Result;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TokenizeTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Hello",
                " Hello",
                "two  spaces ",
                "Zürich 日本 😀",
                "a\nb\tc\r\n",
                "</s>",
                "\\n"
            })
    void whatWasTokenizedIsWhatIsDetokenized(String text) {
        String ids = Captured.run("tokenize", text).out().strip();

        assertThat(ids).matches("1(,\\d+)+");
        assertThat(Captured.run("detokenize", ids).out()).isEqualTo(text + "\n");
        String parsed = Captured.run("tokenize", "--parse-special", "--no-special", text).out();
        assertThat(Captured.run(Map.of(), parsed, false, "detokenize").out())
                .isEqualTo(text + "\n");
    }

    @Test
    void optionsSaySpecialTokensAndPieces() {
        assertThat(Captured.run("tokenize", "--no-special", "Hi").out()).isEqualTo("1954\n");
        assertThat(Captured.run("tokenize", "Hi</s>").out()).doesNotContain(",2\n");
        assertThat(Captured.run("tokenize", "--parse-special", "Hi</s>").out())
                .isEqualTo("1,1954,2\n");
        assertThat(Captured.run("tokenize", "--parse-special", "--json", "Hi</s>").out())
                .isEqualTo(
                        """
                        [{"id":1,"piece":"<s>"},{"id":1954,"piece":" Hi"},{"id":2,"piece":"</s>"}]
                        """);
    }

    /// The demo model has no token for these letters, and none of a byte is a letter.
    @Test
    void aPieceThatIsNotUtf8HasItsBytes() {
        JsonNode pieces = JSON.readTree(Captured.run("tokenize", "--json", "漢").out());
        String bytes =
                pieces.valueStream()
                        .map(piece -> piece.path("bytes").asString(""))
                        .collect(Collectors.joining());
        assertThat(bytes).isEqualTo("e6bca2");
        assertThat(pieces.get(0).has("bytes")).isFalse();
    }

    @Test
    void anArgumentThatIsNotUtf8IsAnError(@TempDir Path folder) throws IOException {
        Path commandLine = folder.resolve("cmdline");
        String[] arguments = {"tokenize", "a\uFFFDb"};
        Files.write(commandLine, new byte[] {'x', 0, 'a', (byte) 0xFF, 'b', 0});
        assertThatThrownBy(() -> ArgumentBytes.check(arguments, commandLine))
                .isInstanceOf(UsageException.class)
                .hasMessage("argument 'a\uFFFDb' is not text in UTF-8");
        Files.writeString(commandLine, "x\0a\uFFFDb\0");
        ArgumentBytes.check(arguments, commandLine);
        ArgumentBytes.check(arguments, folder.resolve("none"));
    }

    @Test
    void readsStandardInputButForItsLastLineEnd() {
        assertThat(Captured.run(Map.of(), "Hi\n", false, "tokenize"))
                .isEqualTo(Captured.run("tokenize", "Hi"));
    }

    /// Encoders' vocabularies add SEP or EOS at the end.
    @ParameterizedTest
    @ValueSource(strings = {"wordpiece", "unigram"})
    void readsTheVocabulariesOfEncoders(String family) {
        String file =
                Repository.root()
                        .resolve("goldens/tokenizers/" + family + "/vocab.gguf")
                        .toString();
        String ids = Captured.run("tokenize", "-m", file, "the cat").out().strip();
        String bare = Captured.run("tokenize", "-m", file, "--no-special", "the cat").out().strip();

        assertThat(ids).contains(bare).endsWith(family.equals("wordpiece") ? ",3" : ",1");
        assertThat(Captured.run("detokenize", "-m", file, ids).out().strip()).isEqualTo("the cat");
    }

    /// A directory, or the file in it; its templates too.
    @Test
    void readsHuggingFaceTokenizers() {
        Path folder = Repository.root().resolve("goldens/tokenizers/huggingface/llama2");
        String ids = Captured.run("tokenize", "-m", folder.toString(), "Zürich  日本").out().strip();
        String file = folder.resolve("tokenizer.json").toString();

        assertThat(ids).startsWith("1,");
        assertThat(Captured.run("tokenize", "-m", file, "Zürich  日本").out().strip()).isEqualTo(ids);
        assertThat(Captured.run("detokenize", "-m", file, ids).out()).isEqualTo("Zürich  日本\n");
    }

    /// llama.cpp's ids, through the program.
    @Test
    void answersLinesOfJson() throws IOException {
        String cases = golden("cases.jsonl");
        Result result = jinrai("tokenize", "--jsonl").input(cases).run();

        assertThat(result.code()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out().lines().map(line -> JSON.readTree(line).get("ids")))
                .containsExactlyElementsOf(
                        cases.lines().map(line -> JSON.readTree(line).get("ids")).toList());
    }

    /// llama.cpp's bytes. Of those that are no UTF-8 decoders make U+FFFD in different numbers.
    @Test
    void answersLinesOfIds() throws IOException {
        String cases = golden("detokenize.jsonl");
        Captured result = Captured.run(Map.of(), cases, false, "detokenize", "--jsonl");

        assertThat(
                        result.out()
                                .lines()
                                .map(line -> JSON.readTree(line).get("text").asString())
                                .map(text -> text.replaceAll("\uFFFD+", "\uFFFD")))
                .containsExactlyElementsOf(
                        cases.lines()
                                .map(line -> JSON.readTree(line).get("hex").asString())
                                .map(hex -> new String(HexFormat.of().parseHex(hex), UTF_8))
                                .map(text -> text.replaceAll("\uFFFD+", "\uFFFD"))
                                .toList());
    }

    @Test
    void aBadLineIsAnErrorOfThatLine() {
        String lines =
                """
                {"text":"Hi"}
                nonsense
                {"text":5}

                {"text":"Hi","add_special":"no"}
                [1]
                {"text":"Hi","add_special":false}
                """;
        Captured result = Captured.run(Map.of(), lines, false, "tokenize", "--jsonl");

        List<JsonNode> answers = result.out().lines().map(JSON::readTree).toList();
        assertThat(answers).hasSize(7);
        assertThat(answers.getFirst().toString()).isEqualTo("{\"ids\":[1,1954]}");
        assertThat(answers.subList(1, 6)).allMatch(answer -> answer.has("error"));
        assertThat(answers.get(2).get("error").asString())
                .isEqualTo("key 'text': wanted a string, got 5");
        assertThat(answers.getLast().toString()).isEqualTo("{\"ids\":[1954]}");
        assertThat(result.code()).isZero();

        String ids =
                "{\"ids\":[1954]}\n"
                        + "{\"ids\":[4096]}\n"
                        + "{\"ids\":[-1]}\n"
                        + "{\"ids\":\"1\"}\n"
                        + "{\"ids\":[1.5]}\n";
        assertThat(Captured.run(Map.of(), ids, false, "detokenize", "--jsonl").out().lines())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("{\"text\":\"Hi\"}"),
                        line -> assertThat(line).contains("error", "4096"),
                        line -> assertThat(line).contains("error", "-1"),
                        line -> assertThat(line).contains("error"),
                        line -> assertThat(line).contains("error"));
    }

    @Test
    void anAnswerDoesNotWaitForTheNextLine() throws IOException {
        Process process = jinrai("tokenize", "--jsonl").input("").start();
        try (var in = process.getOutputStream();
                var out =
                        new BufferedReader(
                                new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (int i = 0; i < 3; i++) {
                in.write("{\"text\":\"Hi\"}\n".getBytes(UTF_8));
                in.flush();
                assertThat(out.readLine()).isEqualTo("{\"ids\":[1,1954]}");
            }
        }
        assertThat(Jinrai.exitCode(process)).isZero();
    }

    private static String golden(String name) throws IOException {
        return Files.readString(Path.of(Repository.file("goldens/tokenizers/demo/" + name)));
    }
}
