package dev.jinrai.backend;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

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
    private final Candidates candidates;

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

    /// What of the logits of a token is wanted: the largest, as [Backend#largest] gives them.
    ///
    /// @param count how many; 0 for the logits themselves
    /// @param tokens among how many ids, from 0 on: those behind are no tokens
    public record Candidates(int count, int tokens) {
        /// None: all logits.
        public static final Candidates NONE = new Candidates(0, 0);

        public Candidates {
            if (count < 0 || count > Backend.MOST_LARGEST || (count > 0 && tokens < 1)) {
                throw new IllegalArgumentException(
                        "wanted up to %d candidates of 1 id or more, got %d of %d"
                                .formatted(Backend.MOST_LARGEST, count, tokens));
            }
        }
    }

    private Batch(
            int[] tokens, int[] positions, int[] outputs, List<Run> runs, Candidates candidates) {
        this.tokens = tokens;
        this.positions = positions;
        this.outputs = outputs;
        this.runs = runs;
        this.candidates = candidates;
    }

    /// What one timeline adds to a batch.
    ///
    /// @param tokens the ids that follow what `cache` holds; at least one
    public record Part(KvCache cache, List<Integer> tokens, Logits logits) {
        public Part {
            tokens = List.copyOf(tokens);
            if (tokens.isEmpty()) {
                throw new IllegalArgumentException("a part of a batch has no token");
            }
        }
    }

    /// {@return a batch that continues one timeline}
    ///
    /// @param tokens the ids that follow what `cache` holds
    public static Batch of(KvCache cache, int[] tokens, Logits logits) {
        int count = tokens.length;
        if (count == 0) {
            throw new IllegalArgumentException("a batch has no token");
        }
        int start = cache.length();
        int[] outputs =
                switch (logits) {
                    case NONE -> new int[0];
                    case LAST -> new int[] {count - 1};
                    case ALL -> range(0, count);
                };
        var run = new Run(cache, start, 0, count);
        return new Batch(
                tokens.clone(), range(start, count), outputs, List.of(run), Candidates.NONE);
    }

    /// {@return `count` numbers from `first` on}
    private static int[] range(int first, int count) {
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = first + i;
        }
        return numbers;
    }

    /// {@return a batch that continues several timelines, each with a cache of its own}
    public static Batch of(List<Part> parts) {
        int size = parts.stream().mapToInt(part -> part.tokens().size()).sum();
        int[] tokens = new int[size];
        int[] positions = new int[size];
        int[] outputs = new int[size];
        int wanted = 0;
        List<Run> runs = new ArrayList<>();
        int t = 0;
        for (Part part : parts) {
            int start = part.cache().length();
            int count = part.tokens().size();
            runs.add(new Run(part.cache(), start, t, count));
            for (int i = 0; i < count; i++, t++) {
                tokens[t] = part.tokens().get(i);
                positions[t] = start + i;
                boolean output =
                        switch (part.logits()) {
                            case NONE -> false;
                            case LAST -> i == count - 1;
                            case ALL -> true;
                        };
                if (output) {
                    outputs[wanted++] = t;
                }
            }
        }
        return new Batch(
                tokens,
                positions,
                Arrays.copyOf(outputs, wanted),
                List.copyOf(runs),
                Candidates.NONE);
    }

    /// {@return the same, of whose logits these are wanted}
    public Batch wanting(Candidates wanted) {
        return new Batch(tokens, positions, outputs, runs, wanted);
    }

    /// {@return the same tokens at the same positions, in other caches}
    ///
    /// @param other the cache that takes the place of one of this batch
    public Batch over(UnaryOperator<KvCache> other) {
        List<Run> moved =
                runs.stream()
                        .map(r -> new Run(other.apply(r.cache), r.start, r.first, r.count))
                        .toList();
        return new Batch(tokens, positions, outputs, moved, candidates);
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

    /// {@return what of their logits is wanted}
    public Candidates candidates() {
        return candidates;
    }

    /// {@return the runs, in the order of their tokens}
    public List<Run> runs() {
        return runs;
    }
}
