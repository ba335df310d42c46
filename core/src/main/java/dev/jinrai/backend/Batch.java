package dev.jinrai.backend;

import java.util.List;

/// The tokens of one pass, and where each belongs.
///
/// A chunk of a prompt, one step of one conversation and one step of sixty-four conversations are
/// all batches: runs of tokens that continue one cache each. Row `t` of every activation buffer of
/// the pass belongs to token `t`.
public final class Batch {
    private final int[] tokens;
    private final int[] positions;
    private final int[] outputs;
    private final List<Run> runs;

    /// Consecutive tokens `first … first + count - 1` of the batch, which continue `cache` from
    /// position `start`.
    public record Run(KvCache cache, int start, int first, int count) {}

    /// Which tokens' logits a pass computes.
    public enum Logits {
        /// None: the tokens only enter the cache.
        NONE,
        /// Those of the last token.
        LAST,
        /// Those of every token.
        ALL
    }

    private Batch(int[] tokens, int[] positions, int[] outputs, List<Run> runs) {
        this.tokens = tokens;
        this.positions = positions;
        this.outputs = outputs;
        this.runs = runs;
    }

    /// {@return a batch that continues one timeline}
    ///
    /// @param tokens the ids that follow what `cache` holds
    public static Batch of(KvCache cache, int[] tokens, Logits logits) {
        int[] positions = new int[tokens.length];
        for (int t = 0; t < tokens.length; t++) {
            positions[t] = cache.length() + t;
        }
        int[] outputs =
                switch (logits) {
                    case NONE -> new int[0];
                    case LAST -> new int[] {tokens.length - 1};
                    case ALL -> {
                        int[] every = new int[tokens.length];
                        for (int t = 0; t < every.length; t++) {
                            every[t] = t;
                        }
                        yield every;
                    }
                };
        return new Batch(
                tokens.clone(),
                positions,
                outputs,
                List.of(new Run(cache, cache.length(), 0, tokens.length)));
    }

    /// {@return the number of tokens, `T`}
    public int size() {
        return tokens.length;
    }

    /// {@return the id of token `t`}
    public int token(int t) {
        return tokens[t];
    }

    /// {@return the position of token `t` in its timeline, from 0}
    public int position(int t) {
        return positions[t];
    }

    /// {@return how many tokens' logits are wanted}
    public int outputs() {
        return outputs.length;
    }

    /// {@return the row of the `i`-th token whose logits are wanted}
    public int output(int i) {
        return outputs[i];
    }

    /// {@return the runs, in the order of their tokens}
    public List<Run> runs() {
        return runs;
    }
}
