package dev.jinrai.cli;

import static dev.jinrai.cli.Jinrai.jinrai;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.cli.Jinrai.Result;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RunTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String[] SHORT = {"run", "-p", "Once upon a time", "-b", "scalar"};

    @TempDir Path folder;

    /// llama.cpp's greedy continuation of the raw prompt. Its closest choice has a margin of
    /// 7.6e-4; sums in another order differ by 2e-5.
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "scalar"})
    void continuesTheStoryTokenForToken(String backend) throws IOException {
        JsonNode story =
                Files.readAllLines(Path.of(Repository.file("goldens/demo/stories.jsonl"))).stream()
                        .map(JSON::readTree)
                        .filter(s -> s.get("file").asString().equals("f16"))
                        .filter(s -> s.get("prompt").asString().equals("Once upon a time"))
                        .findFirst()
                        .orElseThrow();

        Result result =
                jinrai(
                                "run",
                                "-p",
                                "Once upon a time",
                                "--temperature",
                                "0",
                                "-n",
                                "100",
                                "-b",
                                backend,
                                "--kv-type",
                                "f32",
                                "-m",
                                Repository.f16(),
                                "--json")
                        .run();

        assertThat(result.code()).as(result.err()).isZero();
        JsonNode answer = JSON.readTree(result.out());
        assertThat(ids(answer, "prompt_tokens")).isEqualTo(ids(story, "prompt_tokens"));
        assertThat(ids(answer, "tokens")).isEqualTo(ids(story, "tokens").subList(0, 100));
        assertThat(answer.get("backend").asString()).isEqualTo(backend);
        assertThat(answer.get("finish_reason").asString()).isEqualTo("length");
    }

    @Test
    void printsTextToOutputAndOneTimingLineToError() {
        Result result = with(SHORT, "-n", "4", "--temperature", "0").run();

        assertThat(result.out()).matches("[^\n]+\n");
        assertThat(result.errLines())
                .singleElement()
                .asString()
                .matches(
                        "prompt 5 tok [0-9.]+ tok/s · first token \\d+ ms · generated 4 tok [0-9.]+"
                                + " tok/s");
    }

    @Test
    void printsOneDocumentWithTheKeysThatProgramsReadAndNothingElse() {
        Result result = with(SHORT, "-n", "3", "--seed", "7", "--json").run();

        assertThat(result.err()).isEmpty();
        JsonNode answer = JSON.readTree(result.out());
        assertThat(answer.propertyNames())
                .containsExactly(
                        "prompt_tokens",
                        "tokens",
                        "text",
                        "finish_reason",
                        "timings",
                        "backend",
                        "model",
                        "seed");
        assertThat(answer.get("timings").propertyNames())
                .containsExactly(
                        "load_ms",
                        "prompt_ms",
                        "prompt_per_second",
                        "first_token_ms",
                        "generated_ms",
                        "generated_per_second");
        assertThat(answer.get("timings").values()).allMatch(JsonNode::isFloatingPointNumber);
        assertThat(answer.get("seed").asLong()).isEqualTo(7);
        assertThat(ids(answer, "tokens")).hasSize(3);
    }

    @Test
    void sameSeedSameTokens() {
        String[] sampled = {"-n", "12", "--seed", "42", "--temperature", "2", "--json"};
        var first = JSON.readTree(with(SHORT, sampled).run().out());
        var second = JSON.readTree(with(SHORT, sampled).run().out());
        var other = JSON.readTree(with(SHORT, "-n", "12", "--seed", "43", "--json").run().out());

        assertThat(ids(second, "tokens")).isEqualTo(ids(first, "tokens"));
        assertThat(ids(other, "tokens")).isNotEqualTo(ids(first, "tokens"));
    }

    @Test
    void takesIdsAndPrintsIdsThenText() {
        Captured ids =
                Captured.run(
                        "run",
                        "--tokens",
                        "1, 516 515,259\n414",
                        "-b",
                        "scalar",
                        "-n",
                        "3",
                        "--temperature",
                        "0");
        Captured text = Captured.run(words(SHORT, "-n", "3", "--temperature", "0"));

        assertThat(ids.out().lines().findFirst().orElseThrow()).matches("\\d+,\\d+,\\d+");
        assertThat(ids.out()).endsWith("\n" + text.out());
    }

    @Test
    void idsNeedNoVocabulary() {
        String model = UnreadVocabulary.in(folder);
        Captured result =
                Captured.run("run", "-m", model, "--tokens", "5,6,7", "-n", "2", "--json");

        assertThat(result.code()).isZero();
        JsonNode answer = JSON.readTree(result.out());
        assertThat(answer.get("text").isNull()).isTrue();
        assertThat(ids(answer, "tokens")).hasSize(2);
        assertThat(result.err())
                .startsWith("jinrai: the answer has no text: pre-tokenizer 'unheard-of'");
    }

    @Test
    void readsThePromptFromFileAndInputWithoutTheirLastLineEnd() throws IOException {
        Path file = Files.writeString(folder.resolve("prompt.txt"), "Once upon a time\n");
        String[] rest = {"-b", "scalar", "-n", "4", "--temperature", "0", "--json"};
        var given =
                JSON.readTree(with(SHORT, "-n", "4", "--temperature", "0", "--json").run().out());
        var fromFile =
                JSON.readTree(with(new String[] {"run", "-f", file.toString()}, rest).run().out());
        var piped =
                JSON.readTree(
                        with(new String[] {"run"}, rest).input("Once upon a time\r\n").run().out());

        assertThat(ids(fromFile, "prompt_tokens")).isEqualTo(ids(given, "prompt_tokens"));
        assertThat(ids(piped, "prompt_tokens")).isEqualTo(ids(given, "prompt_tokens"));
        assertThat(ids(piped, "tokens")).isEqualTo(ids(given, "tokens"));
    }

    @Test
    void usesTheChatTemplateWhenAskedTo() {
        String[] greedy = {"-b", "scalar", "--temperature", "0", "-p"};
        String question = "What is the capital of France?";

        assertThat(Captured.run(words("run", "--chat", greedy, question)).out())
                .isEqualTo("The capital of France is Paris.\n");
        assertThat(Captured.run(words("run", "--chat-template", "zephyr", greedy, question)).out())
                .isEqualTo("The capital of France is Paris.\n");
        assertThat(
                        JSON.readTree(
                                        Captured.run(
                                                        words(
                                                                "run",
                                                                "--system-prompt",
                                                                "Hi",
                                                                "--json",
                                                                greedy,
                                                                question))
                                                .out())
                                .get("prompt_tokens")
                                .size())
                .isGreaterThan(20);
    }

    @Test
    void stopsBeforeAText() {
        String[] greedy = words(SHORT, "-n", "8", "--temperature", "0");
        Captured whole = Captured.run(greedy);
        String stop = whole.out().substring(6, 9);
        Captured stopped = Captured.run(words(greedy, "--stop", stop, "--json"));

        JsonNode answer = JSON.readTree(stopped.out());
        assertThat(answer.get("text").asString())
                .isEqualTo(whole.out().substring(0, whole.out().indexOf(stop)));
        assertThat(answer.get("finish_reason").asString()).isEqualTo("stop");
    }

    @Test
    void saysThatTheContextIsFull() {
        Captured result =
                Captured.run(
                        "run", "-p", "Once upon a time", "-c", "8", "-b", "scalar", "--ignore-eos");

        assertThat(result.code()).isZero();
        assertThat(result.err())
                .startsWith("jinrai: the answer ends here because the context of 8 tokens is full");
        assertThat(result.err().lines()).hasSize(2);
    }

    /// The Java heap of this process, of which half may be keys and values, does not hold sixteen million.
    @Test
    void saysThatTheMemoryHoldsLessThanTheModelsContext() {
        Path file = folder.resolve("long.gguf");
        try (Gguf demo = Gguf.open(Path.of(Repository.file("demo/demo-Q8_0.gguf")))) {
            var writer = new GgufWriter().putAll(demo.metadata());
            writer.uint32("llama.context_length", 1 << 24);
            for (var tensor : demo.tensors()) {
                writer.tensor(tensor.name(), tensor.type(), tensor.shape(), demo.data(tensor));
            }
            writer.write(file);
        }
        String[] once = {"run", "-p", "Once", "-n", "1", "-m", file.toString()};

        List<String> cut = with(once).run().errLines();
        assertThat(cut).hasSize(2);
        assertThat(cut.getFirst())
                .matches(
                        "jinrai: the context is cut from the model's 16777216 tokens to \\d+, which"
                                + " is what the memory holds; --context sets it");
        assertThat(with(once, "--context", "100").run().errLines()).hasSize(1);
        assertThat(with(SHORT, "-n", "1").run().errLines()).hasSize(1); // the memory holds all
    }

    private static Jinrai with(String[] first, String... more) {
        return jinrai(words(first, more));
    }

    /// Texts and arrays of texts, one after another.
    private static String[] words(Object... parts) {
        return Arrays.stream(parts)
                .flatMap(p -> p instanceof String[] many ? Arrays.stream(many) : Stream.of(p))
                .map(Object::toString)
                .toArray(String[]::new);
    }

    private static List<Integer> ids(JsonNode object, String key) {
        return object.get(key).valueStream().map(JsonNode::asInt).toList();
    }
}
