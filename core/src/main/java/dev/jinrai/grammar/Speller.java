package dev.jinrai.grammar;

import java.util.ArrayList;
import java.util.List;

/// The shortest text, in bytes, that completes an answer, and the fewest tokens that spell it.
final class Speller {
    /// Longer texts are spelled only where there is no other way.
    private static final int MOST_BYTES = 2_000;

    private final Automaton automaton;
    private final Lexicon lexicon;
    private final int[] tokenIds;

    Speller(Automaton automaton, Lexicon lexicon, int[] tokenIds) {
        this.automaton = automaton;
        this.lexicon = lexicon;
        this.tokenIds = tokenIds;
    }

    /// {@return how many tokens complete the text from a state; [Integer#MAX_VALUE] if it takes more than `most` in any case, or the text is long}
    int count(State state, long most) {
        if (state.spelled < 0) {
            if (isFar(state, most)) {
                return Integer.MAX_VALUE;
            }
            state.spelled = tokens(state).length;
        }
        return state.spelled;
    }

    /// {@return about what a count costs at most: each byte may look at all frames, and the stacks below them}
    long work(State state, long most) {
        long depth = state.stack.depth;
        return isFar(state, most) ? 0 : state.stack.cost * (1 + depth * depth / 16);
    }

    private boolean isFar(State state, long most) {
        return state.stack.cost > Math.min(MOST_BYTES, most * Math.max(1, lexicon.longest()));
    }

    /// {@return the tokens that complete the text from a state}
    int[] tokens(State state) {
        int[] steps = steps(state);
        int[] fewest = new int[steps.length + 1];
        int[] first = new int[steps.length];
        for (int i = steps.length - 1; i >= 0; i--) {
            fewest[i] = Integer.MAX_VALUE;
            if (steps[i] < 0) {
                fewest[i] = 1 + fewest[i + 1];
                first[i] = ~steps[i];
            } else {
                for (ByteTrie trie : lexicon.tries) {
                    cheapest(trie, steps, i, fewest, first);
                }
            }
        }
        List<Integer> tokens = new ArrayList<>();
        for (int i = 0; i < steps.length; ) {
            tokens.add(first[i]);
            i += steps[i] < 0 ? 1 : lexicon.bytes(first[i]).length;
        }
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    /// The best token at one place of the text.
    private static void cheapest(ByteTrie trie, int[] steps, int from, int[] fewest, int[] first) {
        int node = -1;
        for (int to = from; to < steps.length && steps[to] >= 0; to++) {
            node = trie.child(node, steps[to]);
            if (node < 0) {
                return;
            }
            if (trie.hasToken(node) && fewest[to + 1] + 1 < fewest[from]) {
                fewest[from] = fewest[to + 1] + 1;
                first[from] = trie.ids[trie.firsts[node]];
            }
        }
    }

    /// {@return the bytes of the shortest text; the complement of an id for a token that the grammar demands}
    private int[] steps(State state) {
        int[] steps = new int[Math.toIntExact(state.stack.cost)];
        State at = state;
        for (int i = 0; i < steps.length; i++) {
            switch (automaton.cheapest(at)) {
                case Node.Token token -> {
                    steps[i] = ~id(token);
                    at = automaton.nextToken(at, token::equals);
                }
                case Node.Bytes(int[] edges) -> {
                    steps[i] = cheapest(edges);
                    at = automaton.next(at, steps[i]);
                }
                default -> throw new AssertionError("no byte and no token comes next");
            }
        }
        return steps;
    }

    private int cheapest(int[] edges) {
        int best = -1;
        long least = Costs.INFINITE;
        for (int i = 0; i < edges.length; i += 3) {
            for (int b = edges[i]; b <= edges[i + 1]; b++) {
                if (lexicon.hasByte(b) && automaton.cost(edges[i + 2]) < least) {
                    best = b;
                    least = automaton.cost(edges[i + 2]);
                }
            }
        }
        return best;
    }

    private int id(Node.Token token) {
        int named = tokenIds[token.reference()];
        if (!token.not()) {
            return named;
        }
        int other = 0;
        while (other == named || lexicon.bytes(other).length == 0) {
            other++;
        }
        return other;
    }
}
