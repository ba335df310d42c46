package dev.jinrai.sampler;

/// Top-nσ (Tang et al. 2024, arXiv:2411.07641, algorithm 1): candidates whose logits are within `n` standard deviations of the
/// best one's. The mean and the deviation are those of all candidates that are not excluded.
///
/// @param n more than 0
record TopNSigma(float n) implements Step {
    @Override
    public void apply(Candidates candidates) {
        int count = 0;
        double sum = 0;
        double best = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < candidates.size; i++) {
            double logit = candidates.logits[i];
            if (logit > Double.NEGATIVE_INFINITY) {
                count++;
                sum += logit;
                best = Math.max(best, logit);
            }
        }
        double mean = sum / count;
        double squares = 0;
        for (int i = 0; i < candidates.size; i++) {
            double logit = candidates.logits[i];
            if (logit > Double.NEGATIVE_INFINITY) {
                squares += (logit - mean) * (logit - mean);
            }
        }
        keep(candidates, best - n * Math.sqrt(squares / count));
    }

    private static void keep(Candidates candidates, double least) {
        int kept = 0;
        for (int i = 0; i < candidates.size; i++) {
            if (candidates.logits[i] >= least && candidates.logits[i] > Float.NEGATIVE_INFINITY) {
                candidates.move(i, kept++);
            }
        }
        candidates.size = kept;
    }

    @Override
    public boolean keepsTheBest() {
        return true;
    }
}
