package dev.jinrai.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.Session;
import dev.jinrai.backend.KvType;
import dev.jinrai.quantize.Imatrix.Entry;
import dev.jinrai.testing.Goldens;
import dev.jinrai.trace.Trace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ActivationSumsTest {
    private static final Path DEMO = Goldens.folder().resolveSibling("demo");
    private static final Path EXPERTS = Goldens.file("models/llama_moe.gguf");
    private static final int CHUNK = 32;

    /// The golden is of the model in f32, where llama.cpp rounds no token. What is left are its table of SiLU and the order of sums: 0.1 %
    /// of a small column at most, and 0.003 % of a tensor's sum, in eight pieces of 512 tokens.
    @Test
    void sumsAreThoseOfLlamaImatrix() throws IOException {
        Imatrix wanted = Imatrix.read(Goldens.file("demo/imatrix.gguf"));
        String text = Files.readString(DEMO.resolve("evaluation.txt")).substring(0, 1000);
        var sums = new ActivationSums(false);
        try (Model model = open(DEMO.resolve("demo-f16.gguf"), "scalar");
                Session session = model.newSession()) {
            int[] ids = model.tokenizer().encode(text, true, false);
            for (int chunk = 0; chunk < 2; chunk++) {
                int[] piece = Arrays.copyOfRange(ids, chunk * CHUNK, (chunk + 1) * CHUNK);
                piece[0] = model.tokenizer().vocabulary().bos().orElseThrow();
                session.rewind(0);
                session.feed(piece, false, sums);
            }
        }
        Imatrix actual = sums.imatrix("demo/evaluation.txt", 2, CHUNK);

        assertThat(actual.entries().keySet()).isEqualTo(wanted.entries().keySet());
        wanted.entries()
                .forEach((name, entry) -> {
                    Entry got = actual.entries().get(name);
                    assertThat(got.counts()).as(name).isEqualTo(entry.counts());
                    double sum = 0;
                    double wantedSum = 0;
                    for (int i = 0; i < entry.sums().length; i++) {
                        float value = entry.sums()[i];
                        assertThat(got.sums()[i]).as(name).isCloseTo(value, within(0.003f * value));
                        sum += got.sums()[i];
                        wantedSum += value;
                    }
                    assertThat(sum / wantedSum).as(name).isCloseTo(1, within(2e-4));
                });
    }

    /// The experts' first matrices see the norm's result, which the trace shows too, and so does it show who is chosen.
    @Test
    void expertsCountTheTokensThatAreRoutedToThem() {
        int[] ids = {1, 5, 9, 2, 7, 3, 3, 8, 60, 61, 4};
        Map<String, float[]> tensors = new HashMap<>();
        Map<String, int[]> chosen = new HashMap<>();
        var sums = new ActivationSums(true);
        try (Model model = open(EXPERTS, "scalar");
                Session session = model.newSession()) {
            session.feed(ids, true, sums);
            session.rewind(0);
            session.feed(ids, true, keeping(tensors, chosen));
        }
        Imatrix imatrix = sums.imatrix("ids", 1, ids.length);

        int[] experts = chosen.get("ffn_moe_topk-0");
        float[] x = tensors.get("ffn_norm-0");
        int columns = x.length / ids.length;
        int used = experts.length / ids.length;
        Entry up = imatrix.entries().get("blk.0.ffn_up_exps.weight");
        float[] counts = new float[up.counts().length];
        double[] squares = new double[up.sums().length];
        for (int i = 0; i < experts.length; i++) {
            counts[experts[i]]++;
            for (int c = 0; c < columns; c++) {
                squares[experts[i] * columns + c] += Math.pow(x[i / used * columns + c], 2);
            }
        }
        assertThat(up.counts()).containsExactly(counts);
        for (int i = 0; i < squares.length; i++) {
            assertThat((double) up.sums()[i]).isCloseTo(squares[i], within(1e-6 * squares[i]));
        }
        assertThat(imatrix.entries().get("blk.0.ffn_gate_exps.weight").sums())
                .containsExactly(up.sums());
        Entry down = imatrix.entries().get("blk.0.ffn_down_exps.weight");
        assertThat(down.counts()).containsExactly(counts);
        assertThat(imatrix.entries().get("blk.0.ffn_gate_inp.weight").counts())
                .containsExactly(ids.length);
        assertThat(imatrix.entries().get("output.weight").counts()).containsExactly(ids.length);
    }

    @Test
    void saysWhereAnInputIsNotFinite() {
        var sums = new ActivationSums(false);
        sums.input("blk.0.x.weight", 1, new float[] {1, Float.POSITIVE_INFINITY});

        assertThatExceptionOfType(QuantizationException.class)
                .isThrownBy(() -> sums.imatrix("text", 1, 1))
                .withMessage("blk.0.x.weight: the sum of its inputs' squares is Infinity");
    }

    private static Trace keeping(Map<String, float[]> tensors, Map<String, int[]> chosen) {
        return new Trace() {
            @Override
            public void tensor(String name, int layer, int rows, float[] values) {
                tensors.put(Trace.label(name, layer), values);
            }

            @Override
            public void ids(String name, int layer, int rows, int[] values) {
                chosen.put(Trace.label(name, layer), values);
            }
        };
    }

    private static Model open(Path file, String backend) {
        return Model.open(file, ModelOptions.DEFAULTS.withBackend(backend).withKvType(KvType.F32));
    }
}
