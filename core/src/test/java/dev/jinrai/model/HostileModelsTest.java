package dev.jinrai.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.jinrai.ContextOverflowException;
import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.Session;
import dev.jinrai.gguf.GgufException;
import dev.jinrai.gguf.MetadataValue;
import dev.jinrai.gguf.MetadataValue.Real;
import dev.jinrai.gguf.MetadataValue.Whole;
import dev.jinrai.gguf.ValueType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Sound GGUF files that are no sound models: each is refused with one clear message, or works.
class HostileModelsTest {
    /// A model of a megabyte opens in milliseconds; this leaves room for a busy machine.
    private static final Duration SOON = Duration.ofSeconds(5);

    private static final int LONGEST_MESSAGE = 2000;

    private static final List<String> COUNTS =
            List.of(
                    "context_length",
                    "embedding_length",
                    "block_count",
                    "feed_forward_length",
                    "attention.head_count",
                    "attention.head_count_kv",
                    "attention.key_length",
                    "attention.value_length",
                    "rope.dimension_count",
                    "rope.scaling.original_context_length",
                    "expert_count",
                    "expert_used_count",
                    "vocab_size");

    private static final List<String> NUMBERS =
            List.of(
                    "attention.layer_norm_rms_epsilon",
                    "rope.freq_base",
                    "rope.scaling.factor",
                    "rope.scale_linear",
                    "rope.scaling.attn_factor",
                    "rope.scaling.yarn_beta_fast",
                    "rope.scaling.yarn_beta_slow",
                    "rope.scaling.yarn_ext_factor");

    private static final List<MetadataValue> EXTREMES = extremes();

    @TempDir private Path folder;

    private static List<MetadataValue> extremes() {
        List<MetadataValue> values = new ArrayList<>();
        for (long v : new long[] {0, 1, -1, 2, 3, 785, 1 << 22, 1 << 24, (1 << 24) + 1}) {
            values.add(new Whole(ValueType.INT32, v));
        }
        values.add(new Whole(ValueType.INT32, Integer.MAX_VALUE));
        values.add(new Whole(ValueType.INT32, Integer.MIN_VALUE));
        values.add(new Whole(ValueType.UINT32, 0xFFFF_FFFFL));
        values.add(new Whole(ValueType.UINT64, 1L << 40));
        values.add(new Whole(ValueType.UINT64, -1));
        values.add(new Whole(ValueType.INT64, Long.MIN_VALUE));
        for (float v :
                new float[] {
                    0,
                    -1,
                    1,
                    1e-5f,
                    1e30f,
                    Float.MIN_VALUE,
                    Float.MAX_VALUE,
                    -Float.MAX_VALUE,
                    Float.NaN,
                    Float.POSITIVE_INFINITY,
                    Float.NEGATIVE_INFINITY
                }) {
            values.add(new Real(ValueType.FLOAT32, v));
        }
        return values;
    }

    private static List<String> keys() {
        List<String> keys = new ArrayList<>(COUNTS);
        keys.addAll(NUMBERS);
        return keys;
    }

    private static Model open(Path file) {
        return Model.open(file, ModelOptions.DEFAULTS.withBackend("cpu").withThreads(1));
    }

    /// Opens the file and feeds three tokens; anything but success or a clear refusal fails.
    private static void worksOrSaysWhy(Path file, String what) {
        assertTimeoutPreemptively(
                SOON,
                () -> {
                    try (Model model = open(file);
                            Session session = model.newSession()) {
                        session.feed(1, 2, 3);
                    } catch (ModelException | GgufException e) {
                        assertThat(e.getMessage())
                                .as(what)
                                .startsWith(file.toString())
                                .hasSizeLessThan(LONGEST_MESSAGE);
                    } catch (ContextOverflowException e) {
                        assertThat(what).contains("context_length");
                    } catch (RuntimeException | Error e) {
                        throw new AssertionError(what, e);
                    }
                },
                what);
    }

    private void refused(Rewritten rewritten, String... words) {
        Path file = rewritten.write(folder.resolve("hostile.gguf"));
        assertTimeoutPreemptively(
                SOON,
                () ->
                        assertThatThrownBy(() -> open(file).close())
                                .isInstanceOf(ModelException.class)
                                .hasMessageStartingWith(file + ": ")
                                .hasMessageContainingAll(words)
                                .message()
                                .hasSizeLessThan(LONGEST_MESSAGE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama_moe"})
    void everyKeyMayBeExtreme(String name) {
        for (String key : keys()) {
            for (MetadataValue value : EXTREMES) {
                var rewritten = new Rewritten(name).put("llama." + key, value);
                worksOrSaysWhy(
                        rewritten.write(folder.resolve("m.gguf")), name + " " + key + " " + value);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama_moe"})
    void pairsOfKeysMayBeExtreme(String name) {
        for (int seed = 0; seed < 300; seed++) {
            var random = new Random(seed);
            var rewritten = new Rewritten(name);
            var what = new StringBuilder(name + " seed " + seed);
            for (int i = 0; i < 2; i++) {
                List<String> keys = random.nextInt(4) > 0 ? COUNTS : NUMBERS;
                String key = keys.get(random.nextInt(keys.size()));
                var kinds =
                        EXTREMES.stream()
                                .filter(v -> v instanceof Whole == keys.equals(COUNTS))
                                .toList();
                MetadataValue value = kinds.get(random.nextInt(kinds.size()));
                rewritten.put("llama." + key, value);
                what.append(", ").append(key).append(' ').append(value);
            }
            worksOrSaysWhy(rewritten.write(folder.resolve("m.gguf")), what.toString());
        }
    }

    @Test
    void aMillionBlocksAreRefusedAtTheDoor() {
        var count = new Whole(ValueType.UINT32, 1 << 24);
        refused(
                new Rewritten("llama").put("llama.block_count", count),
                "llama.block_count",
                "number of tensors",
                "16777216");
    }

    @Test
    void allProblemsAreCountedAndEightShown() {
        var count = new Whole(ValueType.UINT32, 20);
        Path file =
                new Rewritten("llama").put("llama.block_count", count).write(folder.resolve("m"));
        assertThatThrownBy(() -> open(file).close())
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("162 tensors do not fit the model: blk.2.attn_norm.weight")
                .hasMessageEndingWith("; and 154 more");
    }

    @Test
    void aProductThatWrapsDoesNotPassTheShapeCheck() {
        // Wraps to 128 rows of queries and 64 of keys: the file's own.
        refused(
                new Rewritten("llama")
                        .put("llama.attention.head_count", new Whole(ValueType.UINT32, 10_942_592))
                        .put(
                                "llama.attention.head_count_kv",
                                new Whole(ValueType.UINT32, 5_471_296))
                        .put("llama.attention.key_length", new Whole(ValueType.UINT32, 785))
                        .put("llama.attention.value_length", new Whole(ValueType.UINT32, 785)),
                "llama.attention.head_count",
                "llama.attention.key_length");
    }

    @Test
    void everyTokenNeedsARowOfTheEmbedding() {
        refused(
                new Rewritten("llama")
                        .zeros("token_embd.weight", 128L, 200L)
                        .zeros("output.weight", 128L, 200L),
                "token_embd.weight",
                "377 tokens",
                "200 rows");
    }

    @Test
    void rowsBeyondTheTokensArePadding() {
        Path file =
                new Rewritten("llama")
                        .zeros("token_embd.weight", 128L, 384L)
                        .zeros("output.weight", 128L, 384L)
                        .write(folder.resolve("padded.gguf"));
        try (Model model = open(file);
                Session session = model.newSession()) {
            assertThat(session.feed(1, 2, 3)).hasSize(384);
            assertThat(model.tokenizer().vocabulary().size()).isEqualTo(377);
        }
    }

    @Test
    void emptyTensorsAreRefusedByName() {
        refused(
                new Rewritten("llama").zeros("token_embd.weight", 0L, 1L << 40),
                "token_embd.weight",
                "[0, 1099511627776]");
        refused(
                new Rewritten("llama").zeros("blk.0.attn_q.weight", 128L, 0L),
                "blk.0.attn_q.weight",
                "[128, 0]");
        refused(
                new Rewritten("llama").zeros("rope_freqs.weight", 0L, 1L << 40),
                "rope_freqs.weight",
                "[0, 1099511627776]");
    }

    @Test
    void everyKindOfProblemIsCollected() {
        refused(
                new Rewritten("llama")
                        .zeros("blk.0.attn_q.weight", 8L, 2L, 2L, 2L)
                        .zeros("blk.0.attn_k.weight", 0L)
                        .zeros("blk.1.attn_k.weight", 3L)
                        .zeros("extra.weight", 3L),
                "4 tensors do not fit",
                "blk.0.attn_q.weight: wanted at most 3 dimensions, got shape [8, 2, 2, 2]",
                "blk.0.attn_k.weight: wanted extents from 1 to",
                "blk.1.attn_k.weight: wanted [128, 64], got [3]",
                "extra.weight: unexpected");
    }

    @Test
    void factorsThatAreNotNumbersAboveZeroAreRefused() {
        refused(
                new Rewritten("llama").zeros("rope_freqs.weight", 16L),
                "rope_freqs.weight",
                "entry 0",
                "got 0.0");
    }
}
