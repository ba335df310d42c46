package dev.jinrai.quantize;

import static dev.jinrai.format.GgmlType.BF16;
import static dev.jinrai.format.GgmlType.F16;
import static dev.jinrai.format.GgmlType.F32;
import static dev.jinrai.format.GgmlType.Q4_0;
import static dev.jinrai.format.GgmlType.Q4_K;
import static dev.jinrai.format.GgmlType.Q5_0;
import static dev.jinrai.format.GgmlType.Q5_1;
import static dev.jinrai.format.GgmlType.Q5_K;
import static dev.jinrai.format.GgmlType.Q6_K;
import static dev.jinrai.format.GgmlType.Q8_0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.TensorInfo;
import dev.jinrai.quantize.Mix.Model;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The expectations are what llama-quantize 0.7.0 did to models of these shapes.
class MixTest {
    private static final Model LLAMA = new Model("llama", 32, 32, 8, 0, false);

    @Test
    void theHeadIsFinerThanTheRest() {
        for (Mix mix :
                List.of(Mix.Q4_0, Mix.Q4_K_S, Mix.Q4_K_M, Mix.Q5_K_S, Mix.Q5_K_M, Mix.Q6_K)) {
            assertThat(type(mix, "output.weight")).as("%s", mix).isEqualTo(Q6_K);
        }
        assertThat(type(Mix.Q8_0, "output.weight")).isEqualTo(Q8_0);
        assertThat(type(Mix.F16, "output.weight")).isEqualTo(F16);
    }

    @Test
    void anEmbeddingThatServesAsHeadIsTreatedAsOne() {
        Model tied = new Model("llama", 32, 32, 8, 0, true);
        assertThat(Mix.Q4_0.typeOf(matrix("token_embd.weight"), tied)).isEqualTo(Q6_K);
        assertThat(type(Mix.Q4_0, "token_embd.weight")).isEqualTo(Q4_0);
    }

    @Test
    void mediumMixesSpendMoreOnTheSensitiveLayers() {
        int[] finer = {0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31};
        assertThat(layers(LLAMA, Mix.Q4_K_M, "attn_v.weight", Q6_K)).containsExactly(finer);
        assertThat(layers(LLAMA, Mix.Q4_K_M, "ffn_down.weight", Q6_K)).containsExactly(finer);
        assertThat(layers(LLAMA, Mix.Q5_K_M, "attn_v.weight", Q6_K)).containsExactly(finer);
        assertThat(layers(LLAMA, Mix.Q5_K_M, "ffn_down.weight", Q6_K)).containsExactly(finer);
        Model six = new Model("llama", 6, 8, 4, 0, false);
        assertThat(layers(six, Mix.Q4_K_M, "attn_v.weight", Q6_K)).containsExactly(2, 5);
    }

    @Test
    void theSmallFourBitMixSpendsALittleOnTheFirstLayers() {
        assertThat(layers(LLAMA, Mix.Q4_K_S, "attn_v.weight", Q5_K)).containsExactly(0, 1, 2, 3);
        assertThat(layers(LLAMA, Mix.Q4_K_S, "ffn_down.weight", Q5_K)).containsExactly(0, 1, 2, 3);
        assertThat(layers(LLAMA, Mix.Q5_K_S, "ffn_down.weight", Q5_K)).hasSize(32);
    }

    @Test
    void theOtherMatricesGetTheBase() {
        for (String name : List.of("attn_q", "attn_k", "attn_output", "ffn_gate", "ffn_up")) {
            assertThat(layers(LLAMA, Mix.Q4_K_M, name + ".weight", Q4_K)).as(name).hasSize(32);
        }
    }

    @Test
    void eightHeadsOnOneValueProjectionGetFiveBits() {
        assertThat(
                        layers(
                                new Model("llama", 80, 64, 8, 0, false),
                                Mix.Q4_K_S,
                                "attn_v.weight",
                                Q5_K))
                .hasSize(80);
        assertThat(
                        layers(
                                new Model("llama", 80, 64, 64, 0, false),
                                Mix.Q4_K_S,
                                "attn_v.weight",
                                Q5_K))
                .hasSize(4);
        assertThat(
                        layers(
                                new Model("qwen2", 80, 64, 64, 0, false),
                                Mix.Q4_K_S,
                                "attn_v.weight",
                                Q5_K))
                .hasSize(80);
    }

    @Test
    void eightExpertsGetFinerAttention() {
        Model mixtral = new Model("llama", 32, 32, 8, 8, false);
        assertThat(layers(mixtral, Mix.Q4_K_M, "attn_v.weight", Q8_0)).hasSize(32);
        assertThat(layers(mixtral, Mix.Q4_0, "attn_k.weight", Q8_0)).hasSize(32);
        assertThat(layers(mixtral, Mix.Q4_K_M, "attn_output.weight", Q5_K)).hasSize(32);
        assertThat(layers(mixtral, Mix.Q5_K_M, "attn_output.weight", Q5_K)).hasSize(32);
        assertThat(layers(mixtral, Mix.Q4_0, "attn_output.weight", Q4_0)).hasSize(32);
        assertThat(layers(mixtral, Mix.Q4_K_M, "ffn_down_exps.weight", Q6_K)).hasSize(16);
        assertThat(layers(mixtral, Mix.Q4_K_M, "ffn_gate_inp.weight", F32)).hasSize(32);
    }

    @Test
    void normsVectorsBiasesAndTablesStay() {
        for (String name :
                List.of(
                        "output_norm.weight",
                        "blk.0.attn_q_norm.weight",
                        "blk.0.ffn_gate_inp.weight",
                        "position_embd.weight",
                        "token_types.weight",
                        "blk.0.attn_q.bias")) {
            assertThat(type(Mix.Q4_0, name)).as(name).isEqualTo(F32);
            assertThat(type(Mix.F16, name)).as(name).isEqualTo(F32);
        }
        var vector = new TensorInfo("blk.0.attn_q.weight", BF16, List.of(256L), 0);
        assertThat(Mix.Q4_0.typeOf(vector, LLAMA)).isEqualTo(BF16);
        var column = new TensorInfo("blk.0.attn_q.weight", BF16, List.of(256L, 1L, 1L), 0);
        assertThat(Mix.Q4_0.typeOf(column, LLAMA)).isEqualTo(BF16);
        var experts = new TensorInfo("blk.0.ffn_up_exps.weight", F32, List.of(256L, 1L, 4L), 0);
        assertThat(Mix.Q4_0.typeOf(experts, LLAMA)).isEqualTo(Q4_0);
    }

    @Test
    void rowsThatAreNotWholeBlocksGetAnotherType() {
        assertThat(fallback(Mix.Q4_K_S, 96)).isEqualTo(Q5_0);
        assertThat(fallback(Mix.Q5_K_S, 96)).isEqualTo(Q5_1);
        assertThat(fallback(Mix.Q6_K, 96)).isEqualTo(Q8_0);
        assertThat(fallback(Mix.Q4_0, 96)).isEqualTo(Q4_0);
        for (Mix mix : List.of(Mix.Q4_K_S, Mix.Q5_K_M, Mix.Q6_K, Mix.Q8_0, Mix.Q4_0)) {
            assertThat(fallback(mix, 72)).as("%s", mix).isEqualTo(F16);
        }
        var head = new TensorInfo("output.weight", F32, List.of(96L, 8L), 0);
        assertThat(Mix.Q4_K_M.typeOf(head, LLAMA)).isEqualTo(Q8_0);
        assertThat(Mix.Q4_0.typeOf(head, LLAMA)).isEqualTo(Q8_0);
    }

    @Test
    void aLayerThatIsNotInTheModelIsAnError() {
        assertThatThrownBy(() -> type(Mix.Q4_K_M, "blk.32.attn_v.weight"))
                .isInstanceOf(QuantizationException.class)
                .hasMessage("blk.32.attn_v.weight: wanted a name blk.N.…, N from 0 to 31");
        assertThatThrownBy(() -> type(Mix.Q4_K_M, "enc.blk.0.attn_v.weight"))
                .isInstanceOf(QuantizationException.class);
    }

    private static GgmlType fallback(Mix mix, long columns) {
        var tensor = new TensorInfo("blk.9.ffn_up.weight", F32, List.of(columns, 8L), 0);
        return mix.typeOf(tensor, LLAMA);
    }

    private static int[] layers(Model model, Mix mix, String name, GgmlType type) {
        return IntStream.range(0, model.layers())
                .filter(l -> mix.typeOf(matrix("blk.%d.%s".formatted(l, name)), model) == type)
                .toArray();
    }

    private static GgmlType type(Mix mix, String name) {
        return mix.typeOf(matrix(name), LLAMA);
    }

    private static TensorInfo matrix(String name) {
        return new TensorInfo(name, F32, List.of(256L, 8L), 0);
    }
}
