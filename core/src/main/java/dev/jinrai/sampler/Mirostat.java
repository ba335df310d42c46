package dev.jinrai.sampler;

/// Mirostat (Basu et al. 2020, arXiv:2007.14966, algorithm 1): a top-k draw whose `k` follows the surprise of what came, so that the
/// text's surprise stays near `τ` bits a token. `k` is computed from the exponent of Zipf's law that fits the best 100 candidates.
final class Mirostat implements Selection {
    /// The paper's `m`.
    private static final int FITTED = 100;

    private final Draw draw;
    private final SurpriseTarget target;
    private final int vocabulary;

    Mirostat(SurpriseTarget target, int vocabulary, SplitMix64 random) {
        this.target = target;
        this.vocabulary = vocabulary;
        draw = new Draw(random);
    }

    @Override
    public int select(Candidates candidates) {
        candidates.sort();
        if (candidates.size > 1) {
            candidates.keepBest(kept(exponent(candidates), candidates.size));
        }
        return target.draw(draw, candidates);
    }

    /// {@return `ŝ`, the least-squares exponent: `Σ t·b / Σ t²` with `t = log((i+1)/i)`, `b = log(pᵢ/pᵢ₊₁)`}
    private static double exponent(Candidates candidates) {
        double products = 0;
        double squares = 0;
        for (int i = 0; i < Math.min(FITTED, candidates.size) - 1; i++) {
            double t = StrictMath.log((i + 2.0) / (i + 1.0));
            double b =
                    ((double) candidates.logits[i] - candidates.logits[i + 1])
                            / candidates.temperature();
            products += t * b;
            squares += t * t;
        }
        return products / squares;
    }

    /// {@return `(ε̂·2^μ / (1 − N^−ε̂))^(1/ŝ)` with `ε̂ = ŝ − 1`, in 1 … `most`}
    private int kept(double exponent, int most) {
        double epsilon = exponent - 1;
        double harmonic =
                Math.abs(epsilon) < 1e-9
                        ? StrictMath.log(vocabulary) // its limit
                        : (1 - Power.of(vocabulary, -epsilon)) / epsilon;
        double k = Power.of(Power.of(2, target.most()) / harmonic, 1 / exponent);
        return Math.max(1, (int) Math.min(k, most)); // of equals k may be no number
    }
}
