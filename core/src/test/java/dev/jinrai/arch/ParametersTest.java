package dev.jinrai.arch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.model.ModelConfig;
import dev.jinrai.model.ModelConfig.FeedForward.Experts;
import dev.jinrai.model.ModelConfig.FeedForward.Gated;
import dev.jinrai.model.ModelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What hyper-parameters a llama file may state.
class ParametersTest {
    private static ModelConfig configure(Stated file) {
        return new Llama().configure(file);
    }

    private static void refused(Stated file, String... words) {
        assertThatThrownBy(() -> configure(file))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith("stated: ")
                .hasMessageContainingAll(words);
    }

    @Test
    void readsWhatIsThereAndFillsInWhatIsNot() {
        ModelConfig config = configure(Stated.small());
        var heads = config.layers().getFirst().attention().heads();
        assertThat(config.vocabularySize()).isEqualTo(5);
        assertThat(heads.kvHeads()).isEqualTo(2);
        assertThat(heads.keyLength()).isEqualTo(16);
        assertThat(heads.valueLength()).isEqualTo(16);
        assertThat(heads.scale()).isEqualTo(0.25f);
        assertThat(config.layers().getFirst().feedForward()).isInstanceOf(Gated.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "context_length",
                "embedding_length",
                "block_count",
                "feed_forward_length",
                "attention.head_count",
                "attention.head_count_kv",
                "attention.key_length",
                "attention.value_length",
                "rope.dimension_count"
            })
    void refusesCountsThatAreNotPositiveOrFarTooLarge(String key) {
        for (int value : new int[] {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            refused(Stated.small().with(key, value), "'llama." + key + "'", "got " + value);
        }
    }

    @Test
    void refusesHeadsOfNoLengthWhenThereAreMoreHeadsThanValues() {
        var file = Stated.small().with("attention.head_count", 64);
        refused(file, "llama.attention.head_count", "divisor of 32", "64");
        file.with("attention.key_length", 0).with("attention.value_length", 4);
        refused(file, "llama.attention.key_length", "got 0");
    }

    @Test
    void refusesMoreBlocksThanTensors() {
        refused(
                Stated.small().with("block_count", 1 << 24),
                "llama.block_count",
                "1 to 1, the number of tensors",
                "got 16777216");
    }

    @Test
    void refusesProductsThatWrapToSomethingSmall() {
        // 10942592 · 785 = 2³³ + 128: as an int, 128.
        refused(
                Stated.small()
                        .with("attention.head_count", 10_942_592)
                        .with("attention.head_count_kv", 5_471_296)
                        .with("attention.key_length", 785)
                        .with("attention.value_length", 785)
                        .with("rope.dimension_count", 16),
                "llama.attention.head_count",
                "llama.attention.key_length",
                "8589934720");
        refused(
                Stated.small()
                        .with("attention.head_count", 1 << 22)
                        .with("attention.key_length", 1)
                        .with("attention.value_length", 1 << 10),
                "llama.attention.head_count",
                "product");
    }

    @Test
    void refusesExpertsWhoseActivationsNoArrayHolds() {
        var file = Stated.small().with("expert_count", 4096).with("expert_used_count", 2048);
        refused(
                file.with("feed_forward_length", 4096),
                "llama.expert_used_count",
                "llama.feed_forward_length",
                "2048 × 4096");
        refused(
                file.with("feed_forward_length", 8)
                        .with("embedding_length", 4096)
                        .with("attention.head_count", 64),
                "llama.expert_used_count",
                "llama.embedding_length");
    }

    @Test
    void noExpertsIsTheSameAsSilence() {
        var file = Stated.small().with("expert_count", 0);
        assertThat(configure(file).layers().getFirst().feedForward()).isInstanceOf(Gated.class);
        refused(file.with("expert_count", -1), "llama.expert_count", "got -1");
        file.with("expert_count", 4).with("expert_used_count", 5);
        refused(file, "llama.expert_used_count", "1 to 4", "got 5");
        file.with("expert_used_count", 4);
        assertThat(configure(file).layers().getFirst().feedForward()).isInstanceOf(Experts.class);
    }

    @Test
    void refusesKeyValueHeadsThatDoNotDivideTheHeads() {
        refused(
                Stated.small().with("attention.head_count_kv", 3),
                "llama.attention.head_count_kv",
                "divisor of 2",
                "got 3");
    }

    @ParameterizedTest
    @ValueSource(floats = {0, -1e-5f, Float.NaN, Float.POSITIVE_INFINITY})
    void refusesAnEpsilonThatIsNotAFiniteNumberAboveZero(float epsilon) {
        String key = "attention.layer_norm_rms_epsilon";
        refused(Stated.small().with(key, epsilon), "llama." + key, "got " + epsilon);
    }
}
