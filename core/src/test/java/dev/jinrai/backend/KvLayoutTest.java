package dev.jinrai.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KvLayoutTest {
    private static final List<KvLayout.Layer> LAYERS =
            List.of(new KvLayout.Layer(4, 64, 64), new KvLayout.Layer(2, 96, 32));

    /// 768 values a position.
    @ParameterizedTest
    @CsvSource({"F32, 3072", "F16, 1536", "Q8_0, 816"})
    void aPositionTakesWhatItsTypeTakes(KvType type, long bytes) {
        assertThat(new KvLayout(LAYERS, 100, type).bytesPerPosition()).isEqualTo(bytes);
    }

    @Test
    void blocksDoNotReachOverHeads() {
        var layers = List.of(new KvLayout.Layer(2, 48, 64));
        assertThatThrownBy(() -> new KvLayout(layers, 1, KvType.Q8_0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("q8_0 does not hold heads of 48 and 64 values");
        assertThat(new KvLayout(layers, 1, KvType.F16).bytesPerPosition()).isEqualTo(448);
    }

    @Test
    void typesHaveTheNamesOfTheCommandLine() {
        for (KvType type : KvType.values()) {
            assertThat(KvType.named(type.label())).contains(type);
        }
        assertThat(KvType.named("q8_0")).contains(KvType.Q8_0);
        assertThat(KvType.named("F16")).isEmpty();
    }
}
