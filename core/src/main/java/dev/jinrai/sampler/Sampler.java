package dev.jinrai.sampler;

import dev.jinrai.tokenizer.Tokenizer;

/// Chooses the next token: a bias, then the stages of [Sampling#stages] that are not off, then a draw; or a bias, the temperature and
/// Mirostat.
///
/// Every random number of a sampler comes from one generator, which the seed alone determines (SplitMix64): for each token one
/// where XTC looks at two candidates or more, then one for the draw.
///
/// Mutable (it remembers the tokens so far and the state of its random generator and of Mirostat), with one owner. Choosing
/// allocates nothing.
public final class Sampler {
    private final Sampling settings;
    private final Candidates candidates;
    private final History history = new History();
    private final Chain chain;

    /// Without a vocabulary there are no texts: [Sampling#dryBreakers] break nothing.
    ///
    /// @param vocabulary the number of logits
    /// @throws IllegalArgumentException if a bias is for a token beyond them
    public Sampler(Sampling settings, int vocabulary) {
        this(settings, vocabulary, Breakers.NONE);
    }

    /// The same with a vocabulary, of which DRY's sequence breakers are made, where they are needed: every token's text is looked at.
    public Sampler(Sampling settings, int vocabulary, Tokenizer tokenizer) {
        this(
                settings,
                vocabulary,
                Dry.active(settings)
                        ? Breakers.of(settings.dryBreakers(), tokenizer)
                        : Breakers.NONE);
    }

    private Sampler(Sampling settings, int vocabulary, Breakers breakers) {
        this.settings = settings;
        this.candidates = new Candidates(vocabulary);
        this.chain =
                Chain.of(settings, vocabulary, history, breakers, new SplitMix64(settings.seed()));
    }

    public Sampling settings() {
        return settings;
    }

    /// Makes `token`, of the prompt or chosen, one that the penalties count.
    public void accept(int token) {
        history.append(token);
    }

    /// {@return the next token's id; the caller decides whether to [#accept] it}
    ///
    /// @param logits of every token; not changed. `-∞` excludes a token
    /// @throws IllegalArgumentException if there are not as many as tokens
    /// @throws NanLogitsException if one is NaN or `+∞`, or all are excluded
    public int next(float[] logits) {
        if (logits.length != candidates.ids.length) {
            throw new IllegalArgumentException(
                    "wanted a logit for each of %d tokens, got %d"
                            .formatted(candidates.ids.length, logits.length));
        }
        candidates.fill(logits);
        return choose();
    }

    /// {@return how many of the largest logits are enough for the other [#next] to choose what this one would of all; 0 for all
    /// logits}
    ///
    /// Where a chain takes the best `k`, nothing behind that looks at any other token. Before it may be steps that change the order:
    /// penalties, DRY, a bias. Where they only lower, a token that is among the first `k` behind them has before them only
    /// those ahead that stay there, fewer than `k`, and others that are lowered: as many more logits are enough as tokens are
    /// lowered, by all of these steps together. Where one raises, a token may come from anywhere. Any other step before the best
    /// `k` are taken looks at the whole distribution (a sum, an entropy, a deviation), and so do chains that never take them.
    public int needed() {
        return chain.needed();
    }

    /// {@return the next token's id, of those that have the largest logits}
    ///
    /// @param ids [#needed] tokens or more, or all there are; more by as many as are excluded
    /// @param logits theirs, the largest of all logits; `-∞` excludes a token
    /// @throws IllegalArgumentException if there are fewer, more than there are tokens, or not as many logits
    /// @throws NanLogitsException if one is NaN or `+∞`, or all are excluded
    public int next(int[] ids, float[] logits) {
        int all = candidates.ids.length;
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
        candidates.check();
        return chain.choose(candidates);
    }
}
