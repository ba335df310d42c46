package dev.jinrai.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.Session;
import dev.jinrai.backend.KvType;
import dev.jinrai.testing.GoldenRun;
import dev.jinrai.testing.Goldens;
import dev.jinrai.testing.Nmse;
import dev.jinrai.testing.Variants;
import dev.jinrai.trace.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every llama golden on every backend: logits, intermediates and greedy text are llama.cpp's.
class GoldenModelsTest {
    private static final List<String> F32 =
            List.of("llama", "llama3", "llama_yarn", "llama_moe", "llama_q");

    private static final List<String> QUANTIZED =
            List.of(
                    "llama-F16",
                    "llama-BF16",
                    "llama_q-Q8_0",
                    "llama_q-Q4_0",
                    "llama_q-Q4_K_M",
                    "llama_q-Q5_K_M",
                    "llama_q-Q6_K",
                    "llama_q-Q3_K_M",
                    "llama_q-Q2_K",
                    "llama_q-IQ4_XS");

    // llama.cpp itself is within 1.2e-12 (logits 2e-5) of an evaluation in float64; a factor of ten
    // to a hundred above leaves room for another order of summation and none for another formula.
    private static final double NMSE = 1e-10;
    private static final double MAX_ABS = 3e-4;

    /// Formats for which the fast backend rounds tokens to eight bits, as llama.cpp does: its own logits are 5.5e-4 to 1.5e-3 away from
    /// the exact ones in these models.
    private static final List<String> ROUNDED =
            List.of(
                    "llama_q-Q4_0",
                    "llama_q-Q4_K_M",
                    "llama_q-Q5_K_M",
                    "llama_q-Q6_K",
                    "llama_q-Q3_K_M",
                    "llama_q-Q2_K",
                    "llama_q-IQ4_XS");

    private static final double ROUNDED_NMSE = 1.5e-3;

    /// A model, a backend, and the golden to compare with: for quantized models the one in which
    /// llama.cpp did not quantize the activations either.
    record Case(String model, String backend, String golden) {
        Model open() {
            return open(KvType.F32); // as the goldens were made
        }

        Model open(KvType type) {
            return Model.open(
                    QUANTIZED.contains(model)
                            ? Variants.file(model)
                            : Goldens.file("models/" + model + ".gguf"),
                    ModelOptions.DEFAULTS.withBackend(backend).withThreads(2).withKvType(type));
        }

        private boolean rounds() {
            return backend.equals("cpu") && ROUNDED.contains(model);
        }

        double nmse() {
            return rounds() ? ROUNDED_NMSE : NMSE;
        }

        /// One token and many are multiplied by different loops, whose last bits differ: by chance a value of a token rounds another way.
        /// llama.cpp's own builds differ by up to 1e-4 where that happens.
        double splitNmse() {
            return rounds() ? 1e-4 : NMSE;
        }

        double maxAbs() {
            return rounds() ? Double.POSITIVE_INFINITY : MAX_ABS;
        }

        GoldenRun run() {
            return new GoldenRun(Goldens.file("models/" + golden + ".golden.gguf"));
        }

        @Override
        public String toString() {
            return model + "@" + backend;
        }
    }

    static Stream<Case> cases() {
        return Stream.of("scalar", "cpu")
                .flatMap(backend ->
                        Stream.concat(
                                F32.stream().map(m -> new Case(m, backend, m)),
                                QUANTIZED.stream().map(m -> new Case(m, backend, m + ".exact"))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void logitsAndEveryNamedIntermediateAreLlamaCpps(Case c) {
        try (Model model = c.open();
                Session session = model.newSession();
                GoldenRun golden = c.run()) {
            Set<String> seen = new HashSet<>();
            var trace =
                    new Trace() {
                        @Override
                        public void tensor(String name, int layer, int rows, float[] values) {
                            String label = Trace.label(name, layer);
                            if (golden.has(label)) {
                                seen.add(label);
                                Nmse.of(values, golden.floats(label))
                                        .isWithin(c.nmse(), Double.POSITIVE_INFINITY, label);
                            }
                        }

                        @Override
                        public void ids(String name, int layer, int rows, int[] values) {
                            String label = Trace.label(name, layer);
                            seen.add(label);
                            assertThat(values).as(label).isEqualTo(golden.ints(label));
                        }
                    };
            List<Float> logits = new ArrayList<>();
            session.feed(
                    golden.tokens(),
                    (position, row) -> {
                        for (float value : row) {
                            logits.add(value);
                        }
                    },
                    trace);

            Nmse.of(toArray(logits), golden.floats("logits"))
                    .isWithin(c.nmse(), c.maxAbs(), "logits");
            Set<String> missed = new HashSet<>(golden.names());
            missed.removeAll(seen);
            // The rest of the file is not an intermediate.
            assertThat(missed)
                    .containsExactlyInAnyOrder("tokens", "logits", "greedy", "greedy_logits");
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void greedyTextAndItsLogitsAreLlamaCpps(Case c) {
        try (Model model = c.open();
                Session session = model.newSession();
                GoldenRun golden = c.run()) {
            int vocabulary = session.vocabularySize();
            float[] expected = golden.floats("greedy_logits");
            int[] greedy = golden.greedy();
            float[] logits = session.feed(golden.tokens());
            for (int i = 0; i < greedy.length; i++) {
                if (!c.rounds()) { // margins are above the noise of f32, not above that of rounding
                    assertThat(largest(logits)).as("token %d", i).isEqualTo(greedy[i]);
                }
                logits = session.feed(greedy[i]);
                Nmse.of(logits, Arrays.copyOfRange(expected, i * vocabulary, (i + 1) * vocabulary))
                        .isWithin(c.nmse(), c.maxAbs(), "logits after token " + i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void prefillEqualsSteppingTokenByTokenAndAnySplit(Case c) {
        try (Model model = c.open();
                Session session = model.newSession();
                GoldenRun golden = c.run()) {
            int[] tokens = golden.tokens();
            float[] whole = session.feed(tokens).clone();
            for (int split = 1; split < tokens.length; split++) {
                session.rewind(0);
                session.feed(Arrays.copyOf(tokens, split));
                float[] parts = session.feed(Arrays.copyOfRange(tokens, split, tokens.length));
                Nmse.of(parts, whole).isWithin(c.splitNmse(), c.maxAbs(), "split at " + split);
            }
            session.rewind(0);
            float[] last = whole;
            for (int token : tokens) {
                last = session.feed(token);
            }
            Nmse.of(last, whole).isWithin(c.splitNmse(), c.maxAbs(), "token by token");
        }
    }

    /// A cache that rounds moves the logits, by as much as its type rounds and no more: those after the 16 greedy
    /// tokens, which have the whole cache behind them.
    ///
    /// f16: 5e-6 is what the goldens' README asks of one. q8_0: a code is off by up to half of 1/127 of the
    /// largest of 32, a mean square of 1e-5 beside 3e-8 of halves. llama.cpp is within 1e-6 with f16, so
    /// 1e-3 allows the same factor.
    @ParameterizedTest
    @CsvSource({
        "llama, F16, 5e-6",
        "llama3, F16, 5e-6",
        "llama_yarn, F16, 5e-6",
        "llama_moe, F16, 5e-6",
        "llama_q, F16, 5e-6",
        "llama, Q8_0, 1e-3",
        "llama_yarn, Q8_0, 1e-3",
        "llama_q, Q8_0, 1e-3",
    })
    void compressedCachesRoundAsMuchAsTheirTypeAndAlikeOnBothBackends(
            String model, KvType type, double bound) {
        float[] scalar = lastLogits(new Case(model, "scalar", model), type, bound);
        float[] cpu = lastLogits(new Case(model, "cpu", model), type, bound);
        // The backends' f32 values differ in the last bits, so that some are rounded another way.
        Nmse.of(cpu, scalar).isWithin(bound / 20, Double.POSITIVE_INFINITY, "cpu and scalar");
    }

    private static float[] lastLogits(Case c, KvType type, double bound) {
        try (Model model = c.open(type);
                Session session = model.newSession();
                GoldenRun golden = c.run()) {
            session.feed(golden.tokens());
            float[] logits = {};
            for (int token : golden.greedy()) {
                logits = session.feed(token);
            }
            float[] all = golden.floats("greedy_logits");
            var error =
                    Nmse.of(
                            logits,
                            Arrays.copyOfRange(all, all.length - logits.length, all.length));
            error.isWithin(bound, Double.POSITIVE_INFINITY, c.toString());
            assertThat(error.nmse()).as("%s: the type is in effect", c).isGreaterThan(NMSE);
            return logits.clone();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"scalar", "cpu"})
    void headsThatBlocksDoNotDivideAreRefusedInOneLine(String backend) {
        var c = new Case("llama_moe", backend, "llama_moe");
        assertThatThrownBy(() -> c.open(KvType.Q8_0))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(
                        "llama_moe.gguf: a KV cache of type q8_0 wants heads of a multiple of 32"
                                + " values, got keys of 48")
                .hasMessageEndingWith("; use f16");
    }

    private static int largest(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }

    private static float[] toArray(List<Float> values) {
        float[] result = new float[values.size()];
        for (int i = 0; i < result.length; i++) {
            result[i] = values.get(i);
        }
        return result;
    }
}
