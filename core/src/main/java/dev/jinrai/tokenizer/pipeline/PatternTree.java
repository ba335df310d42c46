package dev.jinrai.tokenizer.pipeline;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A regular expression as a tree: what [Oniguruma] reads and [PatternProgram] writes down as steps. Immutable.
sealed interface PatternTree {
    int ENDLESS = Integer.MAX_VALUE;

    /// One character.
    record One(CharacterSet set) implements PatternTree {}

    /// One behind the other.
    record Row(List<PatternTree> parts) implements PatternTree {}

    /// The first that leads to a match.
    record Either(List<PatternTree> parts) implements PatternTree {}

    /// One again and again.
    ///
    /// @param most [#ENDLESS] for no limit
    record Repeat(PatternTree part, int least, int most, Mode mode) implements PatternTree {}

    enum Mode {
        GREEDY,
        LAZY,
        POSSESSIVE
    }

    /// The first way it matches is the only one.
    record Atomic(PatternTree part) implements PatternTree {}

    /// What lies ahead, or behind; it takes nothing.
    record Look(PatternTree part, boolean ahead, boolean negated) implements PatternTree {}

    /// A place.
    enum Place implements PatternTree {
        LINE_START,
        LINE_END,
        TEXT_START,
        TEXT_END,
        TEXT_END_OR_LINE_FEED,
        SEARCH_START,
        WORD_EDGE,
        NO_WORD_EDGE
    }

    /// What a reader takes for one character, `\X`.
    record Cluster() implements PatternTree {}

    /// The fewest characters that it takes.
    default int shortest() {
        return switch (this) {
            case One _, Cluster _ -> 1;
            case Row(List<PatternTree> parts) -> {
                long sum = parts.stream().mapToLong(PatternTree::shortest).sum();
                yield (int) Math.min(sum, ENDLESS);
            }
            case Either(List<PatternTree> parts) ->
                    parts.stream().mapToInt(PatternTree::shortest).min().orElse(0);
            case Repeat repeat ->
                    (int) Math.min((long) repeat.least * repeat.part.shortest(), ENDLESS);
            case Atomic(PatternTree part) -> part.shortest();
            case Look _, Place _ -> 0;
        };
    }

    /// The most characters that it takes, [#ENDLESS] if there is no limit.
    default int longest() {
        return switch (this) {
            case One _ -> 1;
            case Cluster _ -> ENDLESS;
            case Row(List<PatternTree> parts) -> {
                long sum = parts.stream().mapToLong(PatternTree::longest).sum();
                yield (int) Math.min(sum, ENDLESS);
            }
            case Either(List<PatternTree> parts) ->
                    parts.stream().mapToInt(PatternTree::longest).max().orElse(0);
            case Repeat repeat -> {
                long longest = (long) repeat.most * repeat.part.longest();
                yield (int) Math.min(longest, ENDLESS);
            }
            case Atomic(PatternTree part) -> part.longest();
            case Look _, Place _ -> 0;
        };
    }

    /// The characters it can begin with; null if it may take none, or that is not known.
    default @Nullable CharacterSet first() {
        return switch (this) {
            case One(CharacterSet set) -> set;
            case Row(List<PatternTree> parts) -> {
                List<CharacterSet> sum = new ArrayList<>();
                for (PatternTree part : parts) {
                    if (part instanceof Look || part instanceof Place) {
                        continue; // what follows begins at the same place
                    }
                    CharacterSet own =
                            part instanceof Repeat repeat ? repeat.part.first() : part.first();
                    if (own == null) {
                        yield null;
                    }
                    sum.add(own);
                    if (part.shortest() > 0) {
                        yield sum(sum);
                    }
                }
                yield null;
            }
            case Either(List<PatternTree> parts) -> {
                List<CharacterSet> sum = new ArrayList<>();
                for (PatternTree part : parts) {
                    CharacterSet own = part.first();
                    if (own == null) {
                        yield null;
                    }
                    sum.add(own);
                }
                yield sum(sum);
            }
            case Repeat repeat -> repeat.least > 0 ? repeat.part.first() : null;
            case Atomic(PatternTree part) -> part.first();
            case Look _, Place _, Cluster _ -> null;
        };
    }

    private static CharacterSet sum(List<CharacterSet> sets) {
        return sets.size() == 1 ? sets.getFirst() : CharacterSet.union(sets);
    }
}
