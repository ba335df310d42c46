package dev.jinrai.sampler;

import java.util.Arrays;

/// Don't repeat yourself (p-e-w 2024, github.com/oobabooga/text-generation-webui, pull request 5677; with llama.cpp's rules for
/// sequence breakers): where the last `n` tokens stand earlier too, the token that followed them there is lowered by
/// `multiplier · base^(n − allowed length)`, for the largest such `n`. A sequence does not reach across a breaker, and a token that
/// breaks alone is not lowered.
final class Dry implements Step {
    private final float multiplier;
    private final float base;
    private final int allowedLength;
    private final int lastN;
    private final Breakers breakers;
    private final History history;

    /// `matches[i]`: how many tokens up to the last one are also those up to the one `i` back.
    private int[] matches = {};

    /// Tokens that would repeat, and for each id how much of what is before it; 0 for others.
    private int[] repeating = {};

    private int count;
    private final int[] longest;

    /// For which length of the history they are.
    private int known = -1;

    Dry(Sampling settings, int vocabulary, History history, Breakers breakers) {
        multiplier = settings.dryMultiplier();
        base = settings.dryBase();
        allowedLength = settings.dryAllowedLength();
        lastN = settings.dryLastN();
        this.breakers = breakers;
        this.history = history;
        longest = new int[vocabulary];
    }

    static boolean active(Sampling settings) {
        return settings.dryMultiplier() != 0 && settings.dryLastN() != 0;
    }

    @Override
    public void apply(Candidates candidates) {
        look();
        if (count == 0) {
            return;
        }
        candidates.settle();
        for (int i = 0; i < candidates.size; i++) {
            int length = longest[candidates.ids[i]];
            if (length > 0) {
                candidates.logits[i] -= penalty(length);
            }
        }
        candidates.changed();
    }

    /// Finite: a candidate that repeats stays one.
    private float penalty(int length) {
        double penalty = multiplier * Power.of(base, length - allowedLength);
        return (float) Math.min(penalty, Float.MAX_VALUE);
    }

    @Override
    public int lowers() {
        look();
        return count;
    }

    /// Finds the tokens that would repeat, once for each history.
    private void look() {
        if (known == history.length()) {
            return;
        }
        known = history.length();
        for (int i = 0; i < count; i++) {
            longest[repeating[i]] = 0;
        }
        count = 0;
        int recent = history.recent(lastN);
        int limit = Math.min(recent, breakers.sinceLast(history, recent));
        if (recent > allowedLength && limit >= allowedLength) {
            match(recent);
            collect(recent, limit);
        }
    }

    /// The Z algorithm (Gusfield 1997, *Algorithms on Strings, Trees and Sequences*, section 1.4), from the last token backwards:
    /// linear in `recent`.
    private void match(int recent) {
        if (matches.length < recent) {
            matches = new int[Math.max(recent, 2 * matches.length)];
            repeating = Arrays.copyOf(repeating, matches.length);
        }
        int start = 0; // of the match that reaches farthest back
        int end = 0;
        for (int i = 1; i < recent; i++) {
            int length = i < end ? Math.min(end - i, matches[i - start]) : 0;
            while (i + length < recent && history.back(length) == history.back(i + length)) {
                length++;
            }
            matches[i] = length;
            if (i + length > end) {
                start = i;
                end = i + length;
            }
        }
    }

    private void collect(int recent, int limit) {
        for (int i = 1; i < recent; i++) {
            int length = Math.min(matches[i], limit);
            int next = history.back(i - 1);
            if (length >= allowedLength && !breakers.breaksAlone(next)) {
                if (longest[next] == 0) {
                    repeating[count++] = next;
                }
                longest[next] = Math.max(longest[next], length);
            }
        }
    }
}
