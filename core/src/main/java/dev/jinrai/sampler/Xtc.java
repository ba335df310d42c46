package dev.jinrai.sampler;

/// Exclude top choices (p-e-w 2024, github.com/oobabooga/text-generation-webui, pull request 6335): with a certain probability, of the
/// candidates that are at least as probable as a threshold all but the least probable go.
///
/// @param probability of doing so for a token
/// @param threshold a probability
/// @param minKeep nothing goes where fewer would stay
/// @param random asked once a token, where there are two candidates or more
record Xtc(float probability, float threshold, int minKeep, SplitMix64 random) implements Step {
    @Override
    public void apply(Candidates candidates) {
        if (candidates.size < 2 || random.nextDouble() >= probability) {
            return;
        }
        double total = candidates.softmax();
        int above = 0;
        while (above < candidates.size && candidates.probabilities[above] / total >= threshold) {
            above++;
        }
        if (above > 1 && candidates.size - (above - 1) >= minKeep) {
            candidates.removeBest(above - 1);
        }
    }
}
