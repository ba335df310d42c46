package dev.jinrai.cli;

import dev.jinrai.sampler.Sampling;
import dev.jinrai.sampler.SamplingBuilder;
import dev.jinrai.sampler.Stage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// How the next token is chosen: what is said here on top of our defaults or llama.cpp's. Names are llama.cpp's where it has the
/// option too; the ranges are those of [Sampling].
@Command
final class SamplingArguments {
    private static final Pattern BIAS = Pattern.compile("(?<id>\\d+)(?<bias>[+-].+)");

    @Option(
            names = "--sampling",
            paramLabel = "NAME",
            description =
                    "Whose defaults: jinrai, or llama.cpp, which differs in --temperature and"
                            + " --top-p (default: jinrai).")
    private String defaults = "jinrai";

    @Option(
            names = "--samplers",
            paramLabel = "NAMES",
            description =
                    "The samplers in their order; what is not named does nothing (default:"
                        + " penalties;dry;top_n_sigma;top_k;typ_p;top_p;min_p;xtc;temperature).")
    private Optional<String> samplers = Optional.empty();

    @Option(
            names = {"--temperature", "--temp"},
            paramLabel = "T",
            description =
                    "0 takes the most probable token, more is more varied, up to 2"
                            + " (default: 0.7; llama.cpp: 0.8).")
    private Optional<Float> temperature = Optional.empty();

    @Option(
            names = "--top-k",
            paramLabel = "K",
            description = "Keep the K most probable tokens, 0 all (default: 40).")
    private Optional<Integer> topK = Optional.empty();

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description =
                    "Keep the most probable tokens that sum to P, 0 to 1"
                            + " (default: 0.9; llama.cpp: 0.95).")
    private Optional<Float> topP = Optional.empty();

    @Option(
            names = "--min-p",
            paramLabel = "P",
            description =
                    "Keep tokens at least P times as probable as the best, 0 to 1 (default: 0.05).")
    private Optional<Float> minP = Optional.empty();

    @Option(
            names = {"--typical-p", "--typical"},
            paramLabel = "P",
            description =
                    "Keep the most typical tokens that sum to P, 0 to 1; 1 is off (default: 1).")
    private Optional<Float> typicalP = Optional.empty();

    @Option(
            names = {"--top-n-sigma", "--top-nsigma"},
            paramLabel = "N",
            description =
                    "Keep logits within N standard deviations of the best, up to 100; -1 to 0 is"
                            + " off (default: -1).")
    private Optional<Float> topNSigma = Optional.empty();

    @Option(
            names = "--min-keep",
            paramLabel = "N",
            description =
                    "Leave at least N tokens: --top-p, --min-p, --typical-p and XTC (default: 0).")
    private Optional<Integer> minKeep = Optional.empty();

    @Option(
            names = "--xtc-probability",
            paramLabel = "P",
            description =
                    "Exclude the top choices but the least of them this often, 0 to 1 (default:"
                            + " 0).")
    private Optional<Float> xtcProbability = Optional.empty();

    @Option(
            names = "--xtc-threshold",
            paramLabel = "P",
            description =
                    "The probability that makes a top choice, 0 to 1; more than 0.5 is off"
                            + " (default: 0.1).")
    private Optional<Float> xtcThreshold = Optional.empty();

    @Option(
            names = "--dynatemp-range",
            paramLabel = "X",
            description =
                    "Let the temperature differ by up to X, 0 to 5, as the model is sure or not"
                            + " (default: 0).")
    private Optional<Float> dynatempRange = Optional.empty();

    @Option(
            names = "--dynatemp-exp",
            paramLabel = "X",
            description = "The exponent of its relative entropy, 0 to 10 (default: 1).")
    private Optional<Float> dynatempExponent = Optional.empty();

    @Option(
            names = "--repeat-penalty",
            paramLabel = "X",
            description =
                    "Divide the logits of recent tokens by X, 0.01 to 10; 1 is off (default: 1).")
    private Optional<Float> repeatPenalty = Optional.empty();

    @Option(
            names = "--repeat-last-n",
            paramLabel = "N",
            description =
                    "How many recent tokens the penalties look at, 0 none, -1 all (default: 64).")
    private Optional<Integer> repeatLastN = Optional.empty();

    @Option(
            names = "--presence-penalty",
            paramLabel = "X",
            description = "Lower the logit of a recent token by X, -2 to 2 (default: 0).")
    private Optional<Float> presencePenalty = Optional.empty();

    @Option(
            names = "--frequency-penalty",
            paramLabel = "X",
            description = "Lower it by X for each time it occurred, -2 to 2 (default: 0).")
    private Optional<Float> frequencyPenalty = Optional.empty();

    @Option(
            names = "--dry-multiplier",
            paramLabel = "X",
            description =
                    "Lower the logit of a token that would repeat a sequence, 0 to 100; 0 is off"
                            + " (default: 0).")
    private Optional<Float> dryMultiplier = Optional.empty();

    @Option(
            names = "--dry-base",
            paramLabel = "X",
            description = "X times as much for each token it is longer, 1 to 100 (default: 1.75).")
    private Optional<Float> dryBase = Optional.empty();

    @Option(
            names = "--dry-allowed-length",
            paramLabel = "N",
            description = "From N repeated tokens on, 1 or more (default: 2).")
    private Optional<Integer> dryAllowedLength = Optional.empty();

    @Option(
            names = "--dry-penalty-last-n",
            paramLabel = "N",
            description = "In how many recent tokens it looks, 0 none, -1 all (default: 64).")
    private Optional<Integer> dryLastN = Optional.empty();

    @Option(
            names = "--dry-sequence-breaker",
            paramLabel = "TEXT",
            description =
                    "No sequence reaches across this text; may be given several times and replaces"
                            + " the default, none for no text. \\n and \\t are understood (default:"
                            + " line end, colon, quotation mark, asterisk).")
    private List<String> dryBreakers = new ArrayList<>();

    @Option(
            names = "--mirostat",
            paramLabel = "N",
            description =
                    "Mirostat 1 or 2, which replaces all samplers but the temperature; 0 is off"
                            + " (default: 0).")
    private Optional<Integer> mirostat = Optional.empty();

    @Option(
            names = "--mirostat-ent",
            paramLabel = "X",
            description = "The surprise it aims at, in bits a token, 0 to 100 (default: 5).")
    private Optional<Float> mirostatTau = Optional.empty();

    @Option(
            names = "--mirostat-lr",
            paramLabel = "X",
            description = "Its learning rate, 0 to 1 (default: 0.1).")
    private Optional<Float> mirostatEta = Optional.empty();

    @Option(
            names = {"-l", "--logit-bias"},
            paramLabel = "ID+X",
            description =
                    "Add X to a token's logit: 15043+1, 15043-1, or 15043-inf, which excludes it;"
                        + " up to 1000000; may be given several times, those of one token add up.")
    private List<String> logitBias = new ArrayList<>();

    /// {@return the settings}
    ///
    /// @throws IllegalArgumentException if a value is out of range; the message begins with the option's name
    Sampling settings(long seed) {
        SamplingBuilder b = Sampling.builder();
        switch (defaults) {
            case "jinrai" -> {}
            case "llama.cpp" -> b.llamaCppDefaults();
            default ->
                    throw new IllegalArgumentException(
                            "sampling: wanted jinrai or llama.cpp, got '%s'".formatted(defaults));
        }
        b.seed(seed);
        set(b, samplers.map(Stage::parse), SamplingBuilder::stages);
        set(b, temperature, SamplingBuilder::temperature);
        set(b, topK, SamplingBuilder::topK);
        set(b, topP, SamplingBuilder::topP);
        set(b, minP, SamplingBuilder::minP);
        set(b, typicalP, SamplingBuilder::typicalP);
        set(b, topNSigma, SamplingBuilder::topNSigma);
        set(b, minKeep, SamplingBuilder::minKeep);
        set(b, xtcProbability, SamplingBuilder::xtcProbability);
        set(b, xtcThreshold, SamplingBuilder::xtcThreshold);
        set(b, dynatempRange, SamplingBuilder::dynatempRange);
        set(b, dynatempExponent, SamplingBuilder::dynatempExponent);
        set(b, repeatPenalty, SamplingBuilder::repeatPenalty);
        set(b, repeatLastN, SamplingBuilder::repeatLastN);
        set(b, presencePenalty, SamplingBuilder::presencePenalty);
        set(b, frequencyPenalty, SamplingBuilder::frequencyPenalty);
        set(b, dryMultiplier, SamplingBuilder::dryMultiplier);
        set(b, dryBase, SamplingBuilder::dryBase);
        set(b, dryAllowedLength, SamplingBuilder::dryAllowedLength);
        set(b, dryLastN, SamplingBuilder::dryLastN);
        set(b, breakers(), SamplingBuilder::dryBreakers);
        set(b, mirostat, SamplingBuilder::mirostat);
        set(b, mirostatTau, SamplingBuilder::mirostatTau);
        set(b, mirostatEta, SamplingBuilder::mirostatEta);
        b.logitBias(biases());
        return b.build();
    }

    private static <T> void set(
            SamplingBuilder builder, Optional<T> value, BiConsumer<SamplingBuilder, T> setter) {
        value.ifPresent(v -> setter.accept(builder, v));
    }

    private Optional<List<String>> breakers() {
        if (dryBreakers.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                dryBreakers.stream()
                        .filter(text -> !text.equals("none"))
                        .map(text -> text.replace("\\n", "\n").replace("\\t", "\t"))
                        .toList());
    }

    private Map<Integer, Float> biases() {
        Map<Integer, Float> biases = new HashMap<>();
        for (String text : logitBias) {
            Matcher parts = BIAS.matcher(text);
            try {
                if (!parts.matches()) {
                    throw new NumberFormatException();
                }
                String value = parts.group("bias");
                float bias =
                        value.equals("-inf") ? Float.NEGATIVE_INFINITY : Float.parseFloat(value);
                biases.merge(Integer.parseInt(parts.group("id")), bias, Float::sum);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "logit-bias: wanted ID+X, ID-X or ID-inf, 15043-1 for example, got '%s'"
                                .formatted(text),
                        e);
            }
        }
        return biases;
    }
}
