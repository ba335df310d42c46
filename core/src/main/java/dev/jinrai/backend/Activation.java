package dev.jinrai.backend;

/// The function between the two halves of a feed-forward network.
public enum Activation {
    /// `x · σ(x)`, the SiLU or Swish (Elfwing et al. 2017, arXiv:1702.03118).
    SILU {
        @Override
        public double apply(double x) {
            return x / (1 + Math.exp(-x));
        }
    };

    /// {@return the exact value, which backends approximate within their stated bounds}
    public abstract double apply(double x);
}
