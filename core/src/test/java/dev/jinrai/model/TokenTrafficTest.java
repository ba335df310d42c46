package dev.jinrai.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.arch.Architecture;
import dev.jinrai.arch.Architectures;
import dev.jinrai.backend.KvType;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.TensorInfo;
import dev.jinrai.testing.Goldens;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

class TokenTrafficTest {
    @Test
    void countsEveryWeightOnceAndOneRowOfTheEmbedding() {
        try (Gguf gguf = Gguf.open(Goldens.file("models/llama.gguf"))) {
            long rows = gguf.tensor("token_embd.weight").orElseThrow().extent(1);
            long expected =
                    sum(
                            gguf,
                            t ->
                                    t.name().equals("token_embd.weight")
                                            ? t.byteSize() / rows
                                            : t.byteSize());

            assertThat(gguf.tensor("output.weight")).isPresent();
            assertThat(traffic(gguf).weightBytes()).isEqualTo(expected);
        }
    }

    @Test
    void countsTheExpertsThatATokenIsRoutedTo() {
        try (Gguf gguf = Gguf.open(Goldens.file("models/llama_moe.gguf"))) {
            int experts = gguf.metadata().int32("llama.expert_count");
            int used = gguf.metadata().int32("llama.expert_used_count");
            long expected =
                    sum(
                            gguf,
                            t ->
                                    t.name().contains("_exps")
                                            ? t.byteSize() * used / experts
                                            : t.name().equals("token_embd.weight")
                                                    ? t.byteSize() / t.extent(1)
                                                    : t.byteSize());

            assertThat(used).isLessThan(experts);
            assertThat(traffic(gguf).weightBytes()).isEqualTo(expected);
        }
    }

    @Test
    void readsATiedEmbeddingWholeAndNoRopeFactors() {
        try (Gguf gguf = Gguf.open(Goldens.file("models/llama3.gguf"))) {
            assertThat(gguf.tensor("output.weight")).isEmpty();
            assertThat(gguf.tensor("rope_freqs.weight")).isPresent();
            assertThat(traffic(gguf).weightBytes())
                    .isEqualTo(
                            sum(
                                    gguf,
                                    t -> t.name().equals("rope_freqs.weight") ? 0 : t.byteSize()));
        }
    }

    @Test
    void addsTheKeysAndValuesOfEveryPosition() {
        var traffic = new TokenTraffic(1000, 16);

        assertThat(traffic.bytes(64.5)).isEqualTo(1000 + 16 * 64.5);
    }

    private static long sum(Gguf gguf, ToLongFunction<TensorInfo> bytes) {
        return gguf.tensors().stream().mapToLong(bytes).sum();
    }

    private static TokenTraffic traffic(Gguf gguf) {
        var checkpoint = new GgufCheckpoint(gguf);
        Architecture architecture = Architectures.named(gguf.metadata().architecture());
        return TokenTraffic.of(
                architecture.configure(checkpoint),
                KvType.F32,
                checkpoint,
                architecture.consumed());
    }
}
