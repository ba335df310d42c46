package dev.jinrai.sampler;

/// Lowers the logits of recent tokens. Repetition (Keskar et al. 2019, arXiv:1909.05858, section 4.1, with division and
/// multiplication so that a penalty always lowers); presence, once, and frequency, for each time it occurred (OpenAI's API
/// reference, *Frequency and presence penalties*).
final class Penalties implements Step {
    private final float repeat;
    private final float presence;
    private final float frequency;
    private final int lastN;
    private final History history;

    /// How often a token occurs; zeros between calls.
    private final int[] counts;

    Penalties(Sampling settings, int vocabulary, History history) {
        repeat = settings.repeatPenalty();
        presence = settings.presencePenalty();
        frequency = settings.frequencyPenalty();
        lastN = settings.repeatLastN();
        this.history = history;
        counts = new int[vocabulary];
    }

    static boolean active(Sampling settings) {
        return settings.repeatLastN() != 0
                && (settings.repeatPenalty() != 1
                        || settings.presencePenalty() != 0
                        || settings.frequencyPenalty() != 0);
    }

    @Override
    public void apply(Candidates candidates) {
        int recent = history.recent(lastN);
        if (recent == 0) {
            return;
        }
        for (int i = 0; i < recent; i++) {
            counts[history.back(i)]++;
        }
        candidates.settle();
        for (int i = 0; i < candidates.size; i++) {
            int count = counts[candidates.ids[i]];
            if (count > 0) {
                candidates.logits[i] = penalized(candidates.logits[i], count);
            }
        }
        candidates.changed();
        for (int i = 0; i < recent; i++) {
            counts[history.back(i)] = 0;
        }
    }

    private float penalized(float logit, int count) {
        float divided = logit <= 0 ? logit * repeat : logit / repeat;
        return divided - count * frequency - presence;
    }

    @Override
    public int lowers() {
        int recent = history.recent(lastN);
        return recent == 0 || (repeat >= 1 && presence >= 0 && frequency >= 0)
                ? distinct(recent)
                : LOOKS_AT_ALL;
    }

    /// {@return how many tokens the last `recent` are, each counted once}
    private int distinct(int recent) {
        int distinct = 0;
        for (int i = 0; i < recent; i++) {
            distinct += counts[history.back(i)]++ == 0 ? 1 : 0;
        }
        for (int i = 0; i < recent; i++) {
            counts[history.back(i)] = 0;
        }
        return distinct;
    }
}
