package dev.jinrai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jinrai.backend.KvType;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.sampler.NanLogitsException;
import dev.jinrai.sampler.Sampling;
import dev.jinrai.testing.Goldens;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Sessions and generations on the demo model.
class SessionTest {
    private static final Path DEMO = Goldens.folder().resolveSibling("demo/demo-Q8_0.gguf");

    private static Model open(int context) {
        return Model.open(
                DEMO, ModelOptions.DEFAULTS.withBackend("cpu").withThreads(2).withContext(context));
    }

    private static List<Integer> generate(Model model, Session session, String text, Sampling how) {
        int[] prompt = model.tokenizer().encode(text, true, true);
        var options = new Generation.Options(24, how, List.of(), false);
        var generation = Generation.start(session, prompt, options, model.tokenizer());
        List<Integer> ids = new ArrayList<>();
        generation.forEachRemaining(piece -> ids.add(piece.id()));
        return ids;
    }

    @Test
    void theSameSeedGivesTheSameTokensBeforeAndAfterWarmUp() {
        try (Model model = open(0);
                Session session = model.newSession()) {
            var how = Sampling.defaults(11);
            List<Integer> cold = generate(model, session, "One day", how);
            for (int i = 0; i < 20; i++) {
                session.rewind(0);
                assertThat(generate(model, session, "One day", how)).isEqualTo(cold);
            }
            session.rewind(0);
            assertThat(generate(model, session, "One day", Sampling.defaults(12)))
                    .isNotEqualTo(cold);
        }
    }

    @Test
    void sessionsOfOneModelDoNotDisturbEachOther() throws Exception {
        try (Model model = open(0);
                var pool = Executors.newFixedThreadPool(3)) {
            List<String> prompts = List.of("Once upon", "The little cat", "Tom and Anna");
            List<List<Integer>> alone = new ArrayList<>();
            for (String prompt : prompts) {
                try (Session session = model.newSession()) {
                    alone.add(generate(model, session, prompt, Sampling.greedy()));
                }
            }
            List<Callable<List<Integer>>> together = new ArrayList<>();
            for (String prompt : prompts) {
                together.add(() -> {
                    try (Session session = model.newSession()) {
                        return generate(model, session, prompt, Sampling.greedy());
                    }
                });
            }
            List<List<Integer>> results = new ArrayList<>();
            for (Future<List<Integer>> result : pool.invokeAll(together)) {
                results.add(result.get());
            }
            assertThat(results).isEqualTo(alone);
        }
    }

    @Test
    void resumeComputesOnlyWhatIsNew() {
        try (Model model = open(0);
                Session session = model.newSession();
                Session fresh = model.newSession()) {
            session.feed(1, 500, 600, 700);
            fresh.feed(1, 500, 600, 700);
            float[] resumed = session.resume(new int[] {1, 500, 601, 701}).clone();
            assertThat(session.tokens()).containsExactly(1, 500, 601, 701);
            assertThat(session.shared(new int[] {1, 500, 9})).isEqualTo(2);
            assertThat(session.shared(new int[] {1, 500, 601, 701})).isEqualTo(3);
            fresh.rewind(2);
            assertThat(resumed).isEqualTo(fresh.feed(601, 701));
        }
    }

    @Test
    void aContextThatIsFullIsAnErrorThatChangesNothing() {
        try (Model model = open(8);
                Session session = model.newSession()) {
            float[] before = session.feed(1, 2, 3, 4, 5, 6).clone();
            assertThatThrownBy(() -> session.feed(7, 8, 9))
                    .isInstanceOf(ContextOverflowException.class)
                    .hasMessageContaining("holds 8 tokens and 9 are needed");
            assertThat(session.position()).isEqualTo(6);
            session.rewind(5);
            // One token alone takes another kernel than the last of six: equal but for rounding.
            assertThat(session.feed(6)).containsExactly(before, within(1e-4f));
        }
    }

    @Test
    void generationEndsWhenTheContextIsFull() {
        try (Model model = open(10);
                Session session = model.newSession()) {
            int[] prompt = model.tokenizer().encode("Once upon a time", true, true);
            var options = new Generation.Options(100, Sampling.greedy(), List.of(), true);
            var generation = Generation.start(session, prompt, options, model.tokenizer());
            List<Integer> ids = new ArrayList<>();
            generation.forEachRemaining(piece -> ids.add(piece.id()));
            // The last token needs no place: nothing follows it.
            assertThat(ids).hasSize(10 - prompt.length + 1);
            assertThat(generation.finish()).isEqualTo(Generation.Finish.CONTEXT);
        }
    }

    @Test
    void tokensOutsideTheVocabularyAreRefused() {
        try (Model model = open(0);
                Session session = model.newSession()) {
            for (int id : new int[] {-1, 4096}) {
                assertThatThrownBy(() -> session.feed(id))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("token " + id + " is not in the vocabulary of 4096");
            }
            assertThatThrownBy(session::feed).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aCancelledGenerationEndsBeforeItsNextToken() {
        try (Model model = open(0);
                Session session = model.newSession()) {
            int[] prompt = model.tokenizer().encode("Once upon a time", true, true);
            var generation =
                    Generation.start(
                            session, prompt, Generation.Options.defaults(), model.tokenizer());
            generation.next();
            generation.cancel();
            assertThat(generation.hasNext()).isFalse();
            assertThat(generation.finish()).isEqualTo(Generation.Finish.CANCELLED);
        }
    }

    @Test
    void aLongPromptCanBeCancelledWhileItIsComputed() throws InterruptedException {
        try (Model model = open(20_000);
                Session session = model.newSession()) {
            int[] prompt = new int[15_000];
            Arrays.fill(prompt, 500);
            var generation =
                    Generation.start(
                            session, prompt, Generation.Options.defaults(), model.tokenizer());
            // The whole prompt takes seconds.
            Thread canceller =
                    Thread.ofPlatform()
                            .start(() -> {
                                LockSupport.parkNanos(300_000_000);
                                generation.cancel();
                            });
            assertThat(generation.hasNext()).isFalse();
            canceller.join();
            assertThat(generation.finish()).isEqualTo(Generation.Finish.CANCELLED);
            assertThat(session.position()).isLessThan(prompt.length);
        }
    }

    /// A pass over a large model takes seconds, so it is stopped between layers; what it had begun leaves no trace.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void aPassThatIsToldToStopChangesNothing(int questions) {
        try (Model model = open(0);
                Session session = model.newSession();
                Session other = model.newSession()) {
            int[] prompt = model.tokenizer().encode("Once upon a time", true, true);
            session.feed(prompt[0]);
            var asked = new AtomicInteger();
            assertThatThrownBy(() ->
                            session.feed(
                                    session.rewindTo(prompt),
                                    () -> asked.getAndIncrement() >= questions))
                    .isInstanceOf(CancellationException.class);
            assertThat(session.position()).isOne();
            other.feed(prompt[0]);
            assertThat(session.resume(prompt)).isEqualTo(other.resume(prompt));
        }
    }

    @Test
    void stopStringsEndTheTextBeforeThem() {
        try (Model model = open(0);
                Session session = model.newSession()) {
            int[] prompt = model.tokenizer().encode("Once upon a time", true, true);
            var options = new Generation.Options(200, Sampling.greedy(), List.of("forest"), false);
            var generation = Generation.start(session, prompt, options, model.tokenizer());
            StringBuilder text = new StringBuilder();
            generation.forEachRemaining(piece -> text.append(piece.text()));
            text.append(generation.tail());
            assertThat(generation.finish()).isEqualTo(Generation.Finish.STOP);
            assertThat(text.toString()).isNotBlank().doesNotContain("forest");
        }
    }

    @Test
    void aStopStringMayBeginAndEndInsideTokensAndSpanMany() {
        try (Model model = open(0);
                Session session = model.newSession()) {
            int[] prompt = model.tokenizer().encode("Once upon a time", true, true);
            var options = new Generation.Options(60, Sampling.greedy(), List.of(), false);
            List<String> pieces = new ArrayList<>();
            Generation.start(session, prompt, options, model.tokenizer())
                    .forEachRemaining(piece -> pieces.add(piece.text()));
            String text = String.join("", pieces);
            for (int from = 3; from < text.length() - 40; from += 7) {
                String stop = text.substring(from, from + 30);
                var stopping = new Generation.Options(60, Sampling.greedy(), List.of(stop), false);
                StringBuilder got = new StringBuilder();
                var generation = Generation.start(session, prompt, stopping, model.tokenizer());
                generation.forEachRemaining(piece -> got.append(piece.text()));
                got.append(generation.tail());
                assertThat(got.toString()).isEqualTo(text.substring(0, text.indexOf(stop)));
                assertThat(generation.finish()).isEqualTo(Generation.Finish.STOP);
            }
        }
    }

    @Test
    void controlTokensThatAreAskedForArePartOfTheText() {
        try (Model model = open(0);
                Session session = model.newSession()) {
            int[] prompt = model.tokenizer().encode("Once upon a time", true, true);
            int bos = model.tokenizer().vocabulary().bos().orElseThrow();
            String mark = model.tokenizer().vocabulary().text(bos);
            Sampling forced = Sampling.greedy().toBuilder().logitBias(Map.of(bos, 1000f)).build();
            var options = new Generation.Options(2, forced, List.of(), false);
            assertThat(text(model, session, prompt, options)).isEmpty();
            assertThat(text(model, session, prompt, options.withPrinted(Set.of(mark, "<none>"))))
                    .isEqualTo(mark + mark);
            assertThat(text(model, session, prompt, options.withPrinted(Set.of("<none>"))))
                    .isEmpty();
        }
    }

    private static String text(
            Model model, Session session, int[] prompt, Generation.Options options) {
        StringBuilder text = new StringBuilder();
        Generation.start(session, prompt, options, model.tokenizer())
                .forEachRemaining(piece -> text.append(piece.text()));
        return text.toString();
    }

    /// Puts a NaN into one norm of a copy of the model.
    @Test
    void nanIsAnErrorThatNamesWhereItFirstAppears(@TempDir Path folder) throws IOException {
        Path broken = folder.resolve("broken.gguf");
        byte[] bytes = Files.readAllBytes(DEMO);
        try (var gguf = Gguf.open(DEMO)) {
            int at = (int) gguf.tensor("blk.3.ffn_norm.weight").orElseThrow().offset();
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(at + 4 * 17, Float.NaN);
        }
        Files.write(broken, bytes);
        try (Model model = Model.open(broken, ModelOptions.DEFAULTS.withBackend("cpu"));
                Session session = model.newSession()) {
            assertThatThrownBy(() -> generate(model, session, "Once upon", Sampling.greedy()))
                    .isInstanceOf(NanLogitsException.class)
                    .hasMessageContaining("ffn_norm-3")
                    .hasMessageNotContaining("KV type");
        }
    }

    /// Values about 1e10: a cache holds them as f32 only.
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "scalar"})
    void valuesBeyondTheRangeOfTheCacheAreAnErrorThatNamesTheWayOut(
            String backend, @TempDir Path folder) throws IOException {
        Path llama = Goldens.file("models/llama.gguf");
        Path large = folder.resolve("large.gguf");
        byte[] bytes = Files.readAllBytes(llama);
        try (var gguf = Gguf.open(llama)) {
            var values = gguf.tensor("blk.1.attn_v.weight").orElseThrow();
            var weights =
                    ByteBuffer.wrap(bytes, (int) values.offset(), (int) values.byteSize())
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .slice()
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .asFloatBuffer();
            for (int i = 0; i < weights.limit(); i++) {
                weights.put(i, weights.get(i) * 1e10f);
            }
        }
        Files.write(large, bytes);
        for (KvType type : KvType.values()) {
            var options = ModelOptions.DEFAULTS.withBackend(backend).withKvType(type);
            try (Model model = Model.open(large, options);
                    Session session = model.newSession()) {
                var greedy = new Generation.Options(2, Sampling.greedy(), List.of(), false);
                var generation = Generation.start(session, new int[] {1, 2, 3}, greedy);
                if (type == KvType.F32) {
                    generation.forEachRemaining(_ -> {});
                    assertThat(generation.finish()).isEqualTo(Generation.Finish.LENGTH);
                } else {
                    assertThatThrownBy(generation::next)
                            .isInstanceOf(NanLogitsException.class)
                            .hasMessage(
                                    ("the logit of token 0 is NaN; the first value that is not"
                                         + " finite is in kqv_out-1; keys or values may be beyond"
                                         + " the range of %s: try the KV type f32")
                                            .formatted(type.label()));
                }
            }
        }
    }
}
