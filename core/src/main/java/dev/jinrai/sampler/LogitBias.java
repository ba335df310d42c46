package dev.jinrai.sampler;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Adds to the logits of chosen tokens (OpenAI's API reference, *logit_bias*; unbounded as in llama.cpp); `-∞` excludes one.
final class LogitBias implements Step {
    private final int[] ids;
    private final float[] biases;
    private final boolean raises;

    /// @throws IllegalArgumentException if a token is none of the vocabulary
    LogitBias(Map<Integer, Float> bias, int vocabulary) {
        SortedMap<Integer, Float> sorted = new TreeMap<>(bias);
        ids = new int[bias.size()];
        biases = new float[bias.size()];
        boolean any = false;
        int n = 0;
        for (Map.Entry<Integer, Float> entry : sorted.entrySet()) {
            ids[n] = entry.getKey();
            biases[n] = entry.getValue();
            any |= biases[n] > 0;
            n++;
        }
        raises = any;
        if (sorted.lastKey() >= vocabulary) {
            throw new IllegalArgumentException(
                    "logit-bias: wanted token ids 0 to %d, got %d"
                            .formatted(vocabulary - 1, sorted.lastKey()));
        }
    }

    @Override
    public void apply(Candidates candidates) {
        for (int n = 0; n < ids.length; n++) {
            int at = candidates.indexOf(ids[n]);
            if (at >= 0) { // otherwise too small a logit to begin with
                candidates.logits[at] += biases[n];
            }
        }
        candidates.changed();
        candidates.check(); // not all may be excluded
    }

    @Override
    public int lowers() {
        return raises ? LOOKS_AT_ALL : ids.length;
    }
}
