package dev.jinrai.sampler;

/// Nucleus sampling (Holtzman et al. 2019, arXiv:1904.09751, section 3.1): the fewest candidates
/// whose probabilities sum to `p`.
///
/// @param minKeep at least so many, where there are
record TopP(float p, int minKeep) implements Step {
    @Override
    public void apply(Candidates candidates) {
        double total = candidates.softmax();
        double sum = 0;
        int kept = 0;
        while (kept < candidates.size) {
            sum += candidates.probabilities[kept++] / total;
            if (sum >= p && kept >= minKeep) {
                break;
            }
        }
        candidates.size = kept;
    }

    @Override
    public boolean keepsTheBest() {
        return true;
    }
}
