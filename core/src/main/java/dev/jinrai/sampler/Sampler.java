package dev.jinrai.sampler;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Chooses the next token: penalties, top-k, top-p, min-p, temperature, then a draw; the order is
/// llama.cpp's.
///
/// Mutable (it remembers the tokens so far and the state of its random generator), with one owner.
public final class Sampler {
    private final Sampling settings;
    private final SplitMix64 random;
    private final Candidates candidates;
    private final double[] probabilities;
    private int[] history = new int[64];
    private int length;

    /// How often each token is among what penalties count, and how many tokens are.
    private final int[] counts;

    private int distinct;

    /// @param vocabulary the number of logits
    public Sampler(Sampling settings, int vocabulary) {
        this.settings = settings;
        this.random = new SplitMix64(settings.seed());
        this.candidates = new Candidates(vocabulary);
        this.probabilities = new double[vocabulary];
        this.counts = new int[vocabulary];
    }

    public Sampling settings() {
        return settings;
    }

    /// Makes `token`, of the prompt or chosen, one that the penalties count.
    public void accept(int token) {
        if (length == history.length) {
            history = Arrays.copyOf(history, 2 * length);
        }
        history[length++] = token;
        count(token, 1);
        int last = settings.repeatLastN();
        if (last >= 0 && length > last) {
            count(history[length - 1 - last], -1);
        }
    }

    /// Notes that a token came among what penalties count, or left it; one without a logit has none to lower.
    private void count(int token, int change) {
        if (token < 0 || token >= counts.length) {
            return;
        }
        distinct -= counts[token] > 0 ? 1 : 0;
        counts[token] += change;
        distinct += counts[token] > 0 ? 1 : 0;
    }

    /// {@return the next token's id; the caller decides whether to [#accept] it}
    ///
    /// @param logits of every token; not changed. `-∞` excludes a token
    /// @throws NanLogitsException if one is NaN or `+∞`, or all are excluded
    public int next(float[] logits) {
        candidates.fill(logits);
        return choose();
    }

    /// {@return how many of the largest logits are enough for the other [#next] to choose what this one would of all; 0 for all
    /// logits}
    ///
    /// Penalties change the order. Where they only lower, a token that is among the first `k` behind them has before them only
    /// those ahead that stay there, fewer than `k`, and others that are penalized: as many more logits are enough as tokens are
    /// penalized. Where they raise, it may come from anywhere.
    public int needed() {
        int kept = settings.isGreedy() ? 1 : settings.topK();
        int penalized = penalizedFrom() == length ? 0 : distinct;
        if (kept == 0 || penalized == 0) {
            return kept;
        }
        boolean lowers =
                settings.repeatPenalty() >= 1
                        && settings.presencePenalty() >= 0
                        && settings.frequencyPenalty() >= 0;
        return lowers ? (int) Math.min(Integer.MAX_VALUE, (long) kept + penalized) : 0;
    }

    /// {@return the next token's id, of those that have the largest logits}
    ///
    /// @param ids [#needed] tokens or more, or all there are; more by as many as are excluded
    /// @param logits theirs, the largest of all logits; `-∞` excludes a token
    /// @throws IllegalArgumentException if there are fewer, more than there are tokens, or not as many logits
    /// @throws NanLogitsException if one is NaN or `+∞`, or all are excluded
    public int next(int[] ids, float[] logits) {
        int all = counts.length;
        int needed = needed();
        int least = needed == 0 ? all : Math.min(needed, all);
        if (ids.length != logits.length || ids.length < least || ids.length > all) {
            throw new IllegalArgumentException(
                    "wanted %d to %d tokens with a logit each, got %d tokens and %d logits"
                            .formatted(least, all, ids.length, logits.length));
        }
        candidates.fill(ids, logits);
        return choose();
    }

    private int choose() {
        check();
        penalize();
        if (settings.isGreedy()) {
            return candidates.best();
        }
        candidates.keepBest(settings.topK() == 0 ? candidates.size : settings.topK());
        topP();
        minP();
        return draw();
    }

    private void check() {
        boolean any = false;
        for (int i = 0; i < candidates.size; i++) {
            float logit = candidates.logits[i];
            if (Float.isNaN(logit) || logit == Float.POSITIVE_INFINITY) {
                throw new NanLogitsException(
                        "the logit of token " + candidates.ids[i] + " is " + logit);
            }
            any |= logit > Float.NEGATIVE_INFINITY;
        }
        if (!any) {
            throw new NanLogitsException("every token is excluded");
        }
    }

    /// Repetition (Keskar et al. 2019, arXiv:1909.05858, section 4.1, with division and
    /// multiplication so that a penalty always lowers), presence and frequency penalties.
    private void penalize() {
        int from = penalizedFrom();
        if (from == length) {
            return;
        }
        Map<Integer, Integer> counts = new HashMap<>();
        for (int i = from; i < length; i++) {
            counts.merge(history[i], 1, Integer::sum);
        }
        counts.forEach((id, count) -> {
            int at = candidates.indexOf(id);
            if (at < 0) {
                return; // too small a logit to begin with
            }
            float logit = candidates.logits[at];
            logit =
                    logit <= 0
                            ? logit * settings.repeatPenalty()
                            : logit / settings.repeatPenalty();
            candidates.logits[at] =
                    logit - count * settings.frequencyPenalty() - settings.presencePenalty();
        });
    }

    /// {@return where the tokens begin that penalties count, in what was accepted; [#length] where none counts}
    private int penalizedFrom() {
        if (settings.repeatPenalty() == 1
                && settings.presencePenalty() == 0
                && settings.frequencyPenalty() == 0) {
            return length;
        }
        return settings.repeatLastN() < 0 ? 0 : Math.max(0, length - settings.repeatLastN());
    }

    /// Nucleus sampling (Holtzman et al. 2019, arXiv:1904.09751, section 3.1): the fewest candidates
    /// whose probabilities sum to `topP`.
    private void topP() {
        if (settings.topP() == 1) {
            return;
        }
        double total = softmax(1);
        double sum = 0;
        int kept = 0;
        while (kept < candidates.size) {
            sum += probabilities[kept++] / total;
            if (sum >= settings.topP()) {
                break;
            }
        }
        candidates.size = kept;
    }

    /// Min-p (Nguyen et al. 2024, arXiv:2407.01082): candidates at least `minP` times as probable
    /// as the best.
    private void minP() {
        if (settings.minP() == 0) {
            return;
        }
        double least = candidates.logits[0] + Math.log(settings.minP());
        int kept = 1;
        while (kept < candidates.size && candidates.logits[kept] >= least) {
            kept++;
        }
        candidates.size = kept;
    }

    /// A draw from `softmax(logits / temperature)`.
    private int draw() {
        double total = softmax(settings.temperature());
        double rest = random.nextDouble() * total;
        for (int i = 0; i < candidates.size; i++) {
            rest -= probabilities[i];
            if (rest < 0) {
                return candidates.ids[i];
            }
        }
        int last = candidates.size - 1; // rounding left a little over
        while (probabilities[last] == 0) {
            last--; // not for one that is excluded
        }
        return candidates.ids[last];
    }

    /// Fills `probabilities`, relative to the best candidate's.
    ///
    /// @return their sum
    private double softmax(double temperature) {
        double sum = 0;
        for (int i = 0; i < candidates.size; i++) {
            // StrictMath: the same bits on every JVM, compiled or not.
            probabilities[i] =
                    StrictMath.exp(
                            ((double) candidates.logits[i] - candidates.logits[0]) / temperature);
            sum += probabilities[i];
        }
        return sum;
    }
}
