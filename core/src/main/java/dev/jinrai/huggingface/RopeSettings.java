package dev.jinrai.huggingface;

import dev.jinrai.gguf.Quote;
import java.util.Optional;

/// The rotary positions of a `config.json`, in the keys of a GGUF file.
///
/// `rope_theta` and `rope_scaling` say it, or, since `transformers` 5, `rope_parameters` says both. The kinds of scaling:
/// - *linear* (Chen et al. 2023, arXiv:2306.15595) and *yarn* (Peng et al. 2023, arXiv:2309.00071) have keys;
/// - *llama3* has none: its frequencies are the [factors][#factors] of a tensor;
/// - *dynamic* changes nothing up to `max_position_embeddings`, which is the context here.
///
/// Source: `modeling_rope_utils.py` in `transformers` 5.18.
final class RopeSettings {
    private static final String SCALING = "rope_scaling";
    private static final String PARAMETERS = "rope_parameters";
    private static final int LONGEST_HEAD = 1 << 16;
    private static final String ORIGINAL = "original_max_position_embeddings";

    private final Config config;
    private final Optional<Config> scaling;
    private final double base;
    private final int dimensions;

    /// @param headLength the values in a head
    /// @param absent the base where nothing says it, which is a family's own
    RopeSettings(Config config, int headLength, double absent) {
        this.config = config;
        if (headLength > LONGEST_HEAD) { // before the factors of its pairs take memory
            throw config.wrong(
                    "head_dim", "wanted at most %d, got %d".formatted(LONGEST_HEAD, headLength));
        }
        Optional<Config> old = config.part(SCALING);
        Optional<Config> both = config.part(PARAMETERS);
        if (old.isPresent() && both.isPresent()) {
            throw config.wrong(SCALING, "said too by " + PARAMETERS);
        }
        scaling = both.or(() -> old);
        base =
                both.filter(part -> part.has("rope_theta"))
                        .map(part -> part.real("rope_theta"))
                        .orElseGet(() -> config.real("rope_theta", absent));
        if (!(base > 1) || !Float.isFinite((float) base)) {
            throw config.wrong("rope_theta", "wanted a finite number above 1, got " + base);
        }
        Config where = scaling.filter(part -> part.has("partial_rotary_factor")).orElse(config);
        double part = where.real("partial_rotary_factor", 1);
        dimensions = (int) (headLength * part);
        if (!(part > 0 && part <= 1) || dimensions < 2 || dimensions % 2 != 0) {
            throw where.wrong(
                    "partial_rotary_factor",
                    "wanted a part of a head of %d that is an even number, got %s"
                            .formatted(headLength, part));
        }
    }

    /// {@return how positions are scaled; `default` for not at all}
    private String type() {
        return scaling.map(s -> s.text("rope_type", s.text("type", "default"))).orElse("default");
    }

    /// Writes the keys.
    void configure(GgufKeys keys) {
        switch (type()) {
            case "default", "dynamic", "llama3" -> {}
            case "linear" ->
                    keys.text("rope.scaling.type", "linear").real("rope.scaling.factor", factor());
            case "yarn" -> yarn(scaling.orElseThrow(), keys);
            case String other ->
                    throw scaling.orElseThrow()
                            .wrong(
                                    "rope_type",
                                    "%s is not supported (known: default, dynamic, linear, llama3,"
                                                    .formatted(Quote.quote(other))
                                            + " yarn)");
        }
        keys.real("rope.freq_base", base).count("rope.dimension_count", dimensions);
    }

    private double factor() {
        Config s = scaling.orElseThrow();
        double factor = s.real("factor");
        if (!(factor >= 1) || !Float.isFinite((float) factor)) {
            throw s.wrong("factor", "wanted a finite number from 1, got " + factor);
        }
        return factor;
    }

    private void yarn(Config s, GgufKeys keys) {
        s.only("truncate", true);
        double factor = factor();
        keys.text("rope.scaling.type", "yarn")
                .real("rope.scaling.factor", factor)
                .count(
                        "rope.scaling.original_context_length",
                        s.count(ORIGINAL, config.count("max_position_embeddings")));
        // The magnitude is this by itself; what a file says is on top of it.
        double itself = 1 + 0.1 * Math.log(factor);
        double wanted = itself;
        if (s.has("attention_factor")) {
            wanted = s.real("attention_factor");
        } else if (s.real("mscale", 0) != 0 && s.real("mscale_all_dim", 0) != 0) {
            wanted =
                    (0.1 * s.real("mscale") * Math.log(factor) + 1)
                            / (0.1 * s.real("mscale_all_dim") * Math.log(factor) + 1);
        }
        if (wanted != itself) {
            keys.real("rope.scaling.attn_factor", wanted / itself);
        }
        if (s.has("beta_fast")) {
            keys.real("rope.scaling.yarn_beta_fast", s.real("beta_fast"));
        }
        if (s.has("beta_slow")) {
            keys.real("rope.scaling.yarn_beta_slow", s.real("beta_slow"));
        }
    }

    /// {@return what each pair's frequency is divided by; nothing where there is no such list}
    ///
    /// A pair that turns more than `high_freq_factor` times within the original context stays as it is, one that turns fewer than
    /// `low_freq_factor` times is divided by `factor`, and between them the quotient goes from one to the other. Source: Llama 3.1,
    /// `_compute_llama3_parameters`.
    float[] factors() {
        if (!type().equals("llama3")) {
            return new float[0];
        }
        Config s = scaling.orElseThrow();
        double factor = factor();
        double low = s.real("low_freq_factor");
        double high = s.real("high_freq_factor");
        if (!(low > 0) || !(high > low)) {
            throw s.wrong(
                    "high_freq_factor",
                    "wanted a number above low_freq_factor, which is above 0, got %s and %s"
                            .formatted(high, low));
        }
        int original = s.count(ORIGINAL);
        float[] factors = new float[dimensions / 2];
        for (int i = 0; i < factors.length; i++) {
            double turns = original * Math.pow(base, -2.0 * i / dimensions) / (2 * Math.PI);
            double sharp = Math.clamp((turns - low) / (high - low), 0, 1);
            factors[i] = (float) (1 / ((1 - sharp) / factor + sharp));
        }
        return factors;
    }

    /// {@return whether positions beyond `max_position_embeddings` would be scaled otherwise}
    static boolean dynamic(Config config) {
        return config.part(PARAMETERS)
                .or(() -> config.part(SCALING))
                .filter(s -> s.text("rope_type", s.text("type", "default")).equals("dynamic"))
                .isPresent();
    }
}
