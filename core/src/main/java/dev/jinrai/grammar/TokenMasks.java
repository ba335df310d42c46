package dev.jinrai.grammar;

import dev.jinrai.grammar.Outlines.Near;
import dev.jinrai.grammar.Walk.Door;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Which tokens of one tree may follow where enough tokens are left, for each state, remembered by its [Outlines]. Mutable; one owner.
final class TokenMasks {
    /// Masks that are remembered; most take 16 kB at 128k tokens.
    private static final int MOST_MASKS = 500;

    private final Automaton automaton;
    private final ByteTrie trie;
    private final int vocabulary;
    private Outlines outlines;

    /// By a state's topmost frames.
    private final Map<State, Top> tops = new Recent<>();

    /// By a state with lowered counts.
    private final Map<State, Mask> masks = new Recent<>();

    /// The values that were used last.
    private static final class Recent<V> extends LinkedHashMap<State, V> {
        private static final long serialVersionUID = 1;

        Recent() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<State, V> eldest) {
            return size() > MOST_MASKS;
        }
    }

    /// What may follow whatever is below, and where the rest begins.
    private record Top(Some tokens, long largest, int deepest, List<Door> doors) {}

    /// Tokens that may follow.
    ///
    /// @param largest the largest cost behind one of them, at most
    /// @param deepest the largest depth, at most
    record Mask(Some top, Some behindDoors, long largest, int deepest) {
        void addTo(TokenSet tokens) {
            top.addTo(tokens);
            behindDoors.addTo(tokens);
        }
    }

    /// Tokens in the smaller of two forms.
    private sealed interface Some {
        @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
        record Few(int[] ids) implements Some {}

        record Many(TokenSet set) implements Some {}

        static Some of(TokenSet set) {
            return set.size() < set.words() ? new Few(set.ids()) : new Many(set);
        }

        default void addTo(TokenSet tokens) {
            switch (this) {
                case Few(int[] ids) -> {
                    for (int id : ids) {
                        tokens.add(id);
                    }
                }
                case Many(TokenSet set) -> tokens.addAll(set);
            }
        }
    }

    TokenMasks(Automaton automaton, ByteTrie trie, int vocabulary) {
        this.automaton = automaton;
        this.trie = trie;
        this.vocabulary = vocabulary;
        this.outlines = outlines();
    }

    private Outlines outlines() {
        return automaton.outlines(trie.deepest + 1);
    }

    /// The automaton has forgotten its states.
    void forget() {
        tops.clear();
        masks.clear();
        outlines = outlines();
    }

    ByteTrie trie() {
        return trie;
    }

    /// {@return what may follow; its bounds are of this state}
    Mask of(State state) {
        Near near = outlines.near(state.stack);
        Mask mask = masks.computeIfAbsent(automaton.state(near.stack()), this::compute);
        return new Mask(mask.top, mask.behindDoors, mask.largest + near.cheaper(), mask.deepest);
    }

    private Mask compute(State near) {
        Outlines.Top outline = outlines.top(near.stack);
        Top top = tops.computeIfAbsent(automaton.state(outline.stack()), this::computeTop);
        var walk = new Walk(automaton, trie, new TokenSet(vocabulary));
        walk.from(near, top.doors);
        return new Mask(
                top.tokens,
                Some.of(walk.tokens),
                Math.max(walk.largest, top.largest + outline.below().cost),
                Math.max(walk.deepest, top.deepest + outline.below().depth));
    }

    private Top computeTop(State outline) {
        var walk = new Walk(automaton, trie, new TokenSet(vocabulary));
        List<Door> doors = walk.upToDoors(outline);
        return new Top(Some.of(walk.tokens), walk.largest, walk.deepest, doors);
    }
}
