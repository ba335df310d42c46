package dev.jinrai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.Generation.Finish;
import dev.jinrai.grammar.Constraint;
import dev.jinrai.grammar.Grammar;
import dev.jinrai.grammar.GrammarException;
import dev.jinrai.sampler.Sampling;
import dev.jinrai.testing.Goldens;
import dev.jinrai.testing.SchemaCheck;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Answers that follow a grammar, whatever the model says.
class ConstrainedTest {
    private static final Path DEMO = Goldens.folder().resolveSibling("demo/demo-Q8_0.gguf");

    /// Answers of each model; `-Djinrai.constrained=200` is the long run.
    private static final int ANSWERS = Integer.getInteger("jinrai.constrained", 10);

    private static final List<String> SCHEMAS =
            List.of(
                    """
                    {"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":20},
                     "age":{"type":"integer","minimum":0,"maximum":120},"kind":{"enum":["cat","dog","bird"]}},
                     "required":["name","age"]}\
                    """,
                    """
                    {"type":"array","items":{"type":"number"},"minItems":2,"maxItems":6}\
                    """,
                    """
                    {"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"text":{"type":"string"},
                     "children":{"type":"array","items":{"$ref":"#/$defs/node"}}},"required":["text","children"]}}}\
                    """,
                    """
                    {"anyOf":[{"type":"object","properties":{"day":{"type":"string","format":"date"}},"required":["day"],
                     "additionalProperties":{"type":"boolean"}},{"type":"string","pattern":"^[A-Z][a-z]+( [a-z]+)*\\\\.$"},
                     {"type":"null"}]}\
                    """,
                    "{}");

    /// @param file a model that was trained on stories, and one whose weights are random
    @ParameterizedTest
    @ValueSource(strings = {"demo", "random"})
    void everyAnswerSatisfiesItsSchema(String file) {
        Path path = file.equals("demo") ? DEMO : Goldens.file("models/llama.gguf");
        Map<Finish, Integer> ends = new EnumMap<>(Finish.class);
        int[] limits = {200, 60, 24};
        try (Model model = open(path)) {
            List<Constraint> constraints =
                    SCHEMAS.stream()
                            .map(s -> Constraint.of(Grammar.ofJsonSchema(s), model.tokenizer()))
                            .toList();
            for (int n = 0; n < ANSWERS; n++) {
                String schema = SCHEMAS.get(n % SCHEMAS.size());
                var sampling = new Sampling(1 + n % 3 * 0.5f, n % 2 * 40, 1, 0, 1, 64, 0, 0, n);
                var options =
                        new Generation.Options(
                                        limits[n % limits.length], sampling, List.of(), false)
                                .withConstraint(constraints.get(n % SCHEMAS.size()));
                Answer answer = answer(model, "Here is the answer:", options);
                ends.merge(answer.finish, 1, Integer::sum);
                assertThat(SchemaCheck.satisfies(answer.text, schema))
                        .as("seed %d, %s: %s", n, schema, answer)
                        .isTrue();
            }
        }
        assertThat(ends.keySet()).isSubsetOf(Finish.STOP, Finish.LENGTH);
    }

    private record Answer(String text, int tokens, Finish finish) {}

    private static Model open(Path path) {
        return Model.open(
                path, ModelOptions.DEFAULTS.withBackend("cpu").withThreads(2).withContext(256));
    }

    private static Answer answer(Model model, String prompt, Generation.Options options) {
        var text = new StringBuilder();
        int tokens = 0;
        try (Session session = model.newSession()) {
            int[] ids = model.tokenizer().encode(prompt, true, true);
            var generation = Generation.start(session, ids, options, model.tokenizer());
            while (generation.hasNext()) {
                text.append(generation.next().text());
                tokens++;
            }
            text.append(generation.tail());
            return new Answer(text.toString(), tokens, generation.finish());
        }
    }

    @Test
    void aGrammarTakesNothingButWhatItForbids() {
        try (Model model = open(DEMO)) {
            var free = new Generation.Options(40, Sampling.defaults(4), List.of(), false);
            var anything = Constraint.of(Grammar.parse("root ::= .*"), model.tokenizer());
            Answer plain = answer(model, "Once upon a time", free);
            assertThat(plain.finish).isEqualTo(Finish.LENGTH);
            assertThat(answer(model, "Once upon a time", free.withConstraint(anything)))
                    .isEqualTo(plain);

            var greedy = free.withSampling(Sampling.greedy());
            var yes =
                    Constraint.of(
                            Grammar.parse("root ::= \" there was a\" | \" no\""),
                            model.tokenizer());
            Answer forced = answer(model, "Once upon a time", greedy.withConstraint(yes));
            assertThat(forced.text).isIn(" there was a", " no");
            assertThat(forced.finish).as("nothing can follow").isEqualTo(Finish.STOP);
        }
    }

    @Test
    void theLimitAndTheContextAreKept() {
        try (Model model = open(DEMO)) {
            Constraint letters =
                    Constraint.of(Grammar.parse("root ::= \"<\" [a-z ]* \">\""), model.tokenizer());
            var options =
                    new Generation.Options(5, Sampling.defaults(1), List.of(), true)
                            .withConstraint(letters);
            Answer five = answer(model, "A", options);
            assertThat(five.text).matches("<[a-z ]*>");
            assertThat(five.tokens).isLessThanOrEqualTo(5);
            Answer full = answer(model, "A cat. ".repeat(50), options.withMaxTokens(100_000));
            assertThat(full.text).as("as far as the context goes").matches("<[a-z ]*>");
            assertThatThrownBy(() -> answer(model, "A", options.withMaxTokens(1)))
                    .isInstanceOf(GrammarException.class)
                    .hasMessageContaining("takes 2 tokens, and the answer has room for 1");
            Map<Integer, Float> excludedIds = new HashMap<>();
            Constraint one = Constraint.of(Grammar.parse("root ::= \"q\""), model.tokenizer());
            for (int id = 0; id < model.tokenizer().vocabulary().size(); id++) {
                if (Arrays.equals(model.tokenizer().piece(id, false), new byte[] {'q'})) {
                    excludedIds.put(id, Float.NEGATIVE_INFINITY);
                }
            }
            var excluded =
                    options.withConstraint(one)
                            .withSampling(Sampling.builder().logitBias(excludedIds).build());
            assertThatThrownBy(() -> answer(model, "A", excluded)).hasMessageContaining("excluded");
        }
    }

    /// What follows does not fit any more, and ends are ignored.
    @Test
    void aCompleteTextThatCanOnlyEndHasComeToItsLimit() {
        try (Model model = open(DEMO)) {
            Constraint tail =
                    Constraint.of(Grammar.parse("root ::= \"a\" (\"bcdé\")?"), model.tokenizer());
            var options =
                    new Generation.Options(2, Sampling.defaults(1), List.of(), true)
                            .withConstraint(tail);
            assertThat(answer(model, "A", options)).isEqualTo(new Answer("a", 1, Finish.LENGTH));
        }
    }

    @Test
    void aSeedMeansTheSameAnswer() {
        try (Model model = open(DEMO)) {
            Constraint json =
                    Constraint.of(Grammar.ofJsonSchema(SCHEMAS.getFirst()), model.tokenizer());
            var options =
                    new Generation.Options(60, Sampling.defaults(77), List.of(), false)
                            .withConstraint(json);
            Answer first = answer(model, "A cat", options);
            assertThat(answer(model, "A cat", options))
                    .as("masks are remembered now")
                    .isEqualTo(first);
        }
    }
}
