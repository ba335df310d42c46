package dev.jinrai.sampler;

/// Top-k sampling (Fan et al. 2018, arXiv:1805.04833, section 5.1): the `k` most probable candidates.
///
/// @param k 1 or more
record TopK(int k) implements Step {
    @Override
    public void apply(Candidates candidates) {
        candidates.keepBest(k);
    }

    @Override
    public boolean keepsTheBest() {
        return true;
    }
}
