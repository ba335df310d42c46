package dev.jinrai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.sampler.Sampling;
import dev.jinrai.sampler.Stage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/// Options become the settings they name.
class SamplingArgumentsTest {
    private static Sampling settings(String... options) {
        var arguments = new SamplingArguments();
        new CommandLine(arguments).parseArgs(options);
        return arguments.settings(1);
    }

    @Test
    void defaultsAreOursOrLlamaCppsAndOptionsComeOnTop() {
        assertThat(settings()).isEqualTo(Sampling.defaults(1));
        assertThat(settings("--sampling", "jinrai")).isEqualTo(Sampling.defaults(1));
        assertThat(settings("--sampling", "llama.cpp")).isEqualTo(Sampling.llamaCpp(1));
        assertThat(settings("--temp", "1", "--sampling", "llama.cpp"))
                .isEqualTo(Sampling.llamaCpp(1).toBuilder().temperature(1).build());
    }

    @Test
    void everyOptionIsItsSetting() {
        assertThat(
                        settings(
                                ("--samplers dry;top_k --temperature 0.1 --top-k 2 --top-p 0.3"
                                                + " --min-p 0.4 --typical 0.5 --top-nsigma 6"
                                                + " --min-keep 7 --xtc-probability 0.8"
                                                + " --xtc-threshold 0.09 --dynatemp-range 1.1"
                                                + " --dynatemp-exp 1.2 --repeat-penalty 1.3"
                                                + " --repeat-last-n 14 --presence-penalty 1.5"
                                                + " --frequency-penalty 1.6 --dry-multiplier 1.7"
                                                + " --dry-base 1.8 --dry-allowed-length 19"
                                                + " --dry-penalty-last-n 20"
                                                + " --dry-sequence-breaker a\\nb --mirostat 2"
                                                + " --mirostat-ent 2.1 --mirostat-lr 0.22"
                                                + " -l 23+2.3 -l 24-inf --logit-bias 25-2")
                                        .split(" ")))
                .isEqualTo(
                        new Sampling(
                                0.1f,
                                2,
                                0.3f,
                                0.4f,
                                1.3f,
                                14,
                                1.5f,
                                1.6f,
                                1,
                                List.of(Stage.DRY, Stage.TOP_K),
                                6,
                                0.5f,
                                0.8f,
                                0.09f,
                                1.1f,
                                1.2f,
                                1.7f,
                                1.8f,
                                19,
                                20,
                                List.of("a\nb"),
                                2,
                                2.1f,
                                0.22f,
                                7,
                                Map.of(23, 2.3f, 24, Float.NEGATIVE_INFINITY, 25, -2f)));
        assertThat(settings("--dry-sequence-breaker", "none").dryBreakers()).isEmpty();
        assertThat(settings("-l", "7+1e-1", "-l", "7+2", "-l", "8-1E+1").logitBias())
                .isEqualTo(Map.of(7, 0.1f + 2, 8, -10f));
    }
}
