package dev.jinrai.sampler;

/// Min-p (Nguyen et al. 2024, arXiv:2407.01082): candidates at least `p` times as probable as the best.
///
/// @param p more than 0
/// @param minKeep at least so many, where there are
record MinP(float p, int minKeep) implements Step {
    @Override
    public void apply(Candidates candidates) {
        candidates.sort();
        double least = candidates.logits[0] + StrictMath.log(p) * candidates.temperature();
        int kept = Math.min(candidates.size, Math.max(1, minKeep));
        while (kept < candidates.size && candidates.logits[kept] >= least) {
            kept++;
        }
        candidates.size = kept;
    }

    @Override
    public boolean keepsTheBest() {
        return true;
    }
}
