package dev.jinrai.sampler;

/// What both versions of Mirostat share (Basu et al. 2020, arXiv:2007.14966, section 4): the surprise `−log₂ p` that is aimed at, and
/// `μ`, what is allowed now, which moves against each token's error: `μ ← μ − η·(surprise − τ)`, from `2τ` on.
final class SurpriseTarget {
    private static final double NATS_PER_BIT = StrictMath.log(2);

    private final double tau;
    private final double eta;
    private double most;

    /// @param tau in bits
    /// @param eta the learning rate
    SurpriseTarget(double tau, double eta) {
        this.tau = tau;
        this.eta = eta;
        most = 2 * tau;
    }

    /// {@return `μ`, in bits}
    double most() {
        return most;
    }

    static double bits(double nats) {
        return nats / NATS_PER_BIT;
    }

    /// Draws, and learns from the surprise among those that could be drawn.
    ///
    /// @return a token's id
    int draw(Draw draw, Candidates candidates) {
        int place = draw.place(candidates);
        double total = 0;
        for (int i = 0; i < candidates.size; i++) {
            total += candidates.probabilities[i];
        }
        double surprise = bits(candidates.surprise(place, StrictMath.log(total)));
        most -= eta * (surprise - tau);
        return candidates.ids[place];
    }
}
