package dev.jinrai.sampler;

/// A draw from the probabilities.
///
/// @param random asked once a token
record Draw(SplitMix64 random) implements Selection {
    @Override
    public int select(Candidates candidates) {
        return candidates.ids[place(candidates)];
    }

    /// {@return the place of the candidate drawn; [Candidates#probabilities] are filled}
    int place(Candidates candidates) {
        double rest = candidates.softmax();
        rest *= random.nextDouble();
        for (int i = 0; i < candidates.size; i++) {
            rest -= candidates.probabilities[i];
            if (rest < 0) {
                return i;
            }
        }
        int last = candidates.size - 1; // rounding left a little over
        while (candidates.probabilities[last] == 0) {
            last--; // not for one that cannot come
        }
        return last;
    }
}
