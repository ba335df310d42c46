package dev.jinrai.grammar;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/// Which tokens may follow in each state of a grammar. Mutable; one owner.
///
/// A token may follow if the text with it can still be completed, at worst with a token for each byte, in the tokens that are left. What
/// may follow where enough are left is found in one walk through all tokens together, and remembered.
final class Masks {
    /// Masks that are remembered: 16 kB each at 128k tokens.
    private static final int MOST_MASKS = 500;

    /// Rules inside each other that a text may come to, unless the grammar leaves no other way. Readers of JSON have such a limit too.
    static final int MOST_DEPTH = 512;

    /// What a mask near the limit may cost in spelling, by [Speller#work].
    private static final int MOST_WORK = 50_000;

    private final Automaton automaton;
    private final Lexicon lexicon;
    private final int[] tokenIds;
    private final Speller speller;

    /// What is left of it.
    private long work;

    /// Masks where enough tokens are left: of all tokens, and of the short ones.
    private final Map<State, Mask> whole = new Recent();

    private final Map<State, Mask> partial = new Recent();

    /// The masks that were used last.
    private static final class Recent extends LinkedHashMap<State, Mask> {
        private static final long serialVersionUID = 1;

        Recent() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<State, Mask> eldest) {
            return size() > MOST_MASKS;
        }
    }

    /// Tokens that may follow if `left` are left.
    private static final class Mask {
        final TokenSet tokens;

        /// The largest cost behind one of them, and the largest depth.
        long largest;

        int deepest;

        Mask(TokenSet tokens) {
            this.tokens = tokens;
        }
    }

    /// @param tokenIds of the tokens that the program names
    Masks(Program program, long[] costs, Lexicon lexicon, int[] tokenIds) {
        this.automaton = new Automaton(program, costs);
        this.lexicon = lexicon;
        this.tokenIds = tokenIds;
        this.speller = new Speller(automaton, lexicon, tokenIds);
    }

    State start() {
        return automaton.start();
    }

    Speller speller() {
        return speller;
    }

    /// {@return the state behind a token; dead if it may not follow}
    State next(State state, int id) {
        State named = automaton.nextToken(state, is(id));
        byte[] bytes = lexicon.bytes(id);
        return bytes.length == 0 ? named : automaton.union(automaton.next(state, bytes), named);
    }

    private Predicate<Node.Token> is(int id) {
        return token ->
                token.not()
                        ? id != tokenIds[token.reference()] && lexicon.bytes(id).length > 0
                        : id == tokenIds[token.reference()];
    }

    /// {@return the same state; another object where memory had to be freed}
    State tidy(State state) {
        if (!automaton.isFull()) {
            return state;
        }
        whole.clear();
        partial.clear();
        return automaton.forget(state);
    }

    /// Whether a token may follow: the definition, for one token. An end may where the text is complete.
    boolean permits(State state, int id, long left) {
        if (lexicon.isEnd(id) && state.accepts()) {
            return true;
        }
        State after = next(state, id);
        return !after.isDead() && permits(state, after, left);
    }

    /// {@return whether a token may lead here}
    private boolean permits(State state, State after, long left) {
        return notTooDeep(state, after)
                && (after.stack.cost < left || speller.count(after, left - 1) < left);
    }

    /// The same, while there is work left for it: then only what a token for each byte completes.
    private boolean permitsInWalk(State state, State after, long left) {
        if (after.stack.cost < left) {
            return notTooDeep(state, after);
        }
        // Whether it is known or not, so that an answer does not depend on those before it.
        work -= speller.work(after, left - 1);
        return work >= 0 && permits(state, after, left);
    }

    /// Too deep inside, only what approaches the end may follow; there is always such a token.
    private static boolean notTooDeep(State state, State after) {
        return after.stack.depth <= MOST_DEPTH || after.stack.cost < state.stack.cost;
    }

    /// Finds what may follow; the same tokens as [#permits], or fewer where to find all would take long.
    ///
    /// @param left how many tokens may still be chosen
    /// @param tokens receives them
    void permitted(State state, long left, TokenSet tokens) {
        State near = automaton.near(state);
        boolean same = near == state;
        Mask mask = mask(near, same);
        tokens.set(mask.tokens);
        var all = new Mask(tokens);
        all.largest = mask.largest + state.stack.nearer;
        all.deepest = mask.deepest;
        if (!same) {
            walk(lexicon.far, state, Long.MAX_VALUE, all);
        }
        if (all.largest >= left || all.deepest > MOST_DEPTH) {
            tokens.clear();
            work = MOST_WORK;
            walk(lexicon.near, state, left, all);
            walk(lexicon.far, state, left, all);
        }
        named(state, left, tokens);
        if (state.accepts()) {
            for (int end : lexicon.ends) {
                tokens.add(end);
            }
        }
    }

    /// {@return what may follow where enough tokens are left}
    ///
    /// @param far the long tokens too: the state is meant, not one with larger counts
    private Mask mask(State near, boolean far) {
        Map<State, Mask> known = far ? whole : partial;
        Mask mask = known.get(near);
        if (mask == null) {
            mask = new Mask(new TokenSet(lexicon.size));
            walk(lexicon.near, near, Long.MAX_VALUE, mask);
            if (far) {
                walk(lexicon.far, near, Long.MAX_VALUE, mask);
            }
            known.put(near, mask);
        }
        return mask;
    }

    /// Adds all tokens of a tree that may follow.
    ///
    /// @param left [Long#MAX_VALUE] for whatever they cost and however deep they lead
    private void walk(ByteTrie trie, State state, long left, Mask mask) {
        Automaton local = automaton;
        State[] path = new State[trie.deepest + 1];
        path[0] = state;
        for (int node = 0; node < trie.size; ) {
            int depth = trie.depths[node];
            if (local.isFull()) {
                local = local.fresh(); // a walk may come to a state for each node
                for (int i = 0; i < depth; i++) {
                    path[i] = local.adopt(path[i]);
                }
            }
            State after = local.next(path[depth - 1], trie.labels[node] & 0xFF);
            if (after.isDead()) {
                node = trie.ends[node];
                continue;
            }
            path[depth] = after;
            if (trie.hasToken(node)
                    && (left == Long.MAX_VALUE || permitsInWalk(state, after, left))) {
                mask.largest = Math.max(mask.largest, after.stack.cost);
                mask.deepest = Math.max(mask.deepest, after.stack.depth);
                for (int i = trie.firsts[node]; i < trie.firsts[node + 1]; i++) {
                    mask.tokens.add(trie.ids[i]);
                }
            }
            node++;
        }
    }

    /// Adds tokens that the grammar demands as a whole.
    private void named(State state, long left, TokenSet tokens) {
        for (Stack.Frame frame : state.stack.frames) {
            if (!(automaton.node(frame) instanceof Node.Token token)) {
                continue;
            }
            State after = automaton.nextToken(state, token::equals);
            if (after.isDead() || !permits(state, after, left)) {
                continue;
            }
            int named = tokenIds[token.reference()];
            if (!token.not()) {
                tokens.add(named);
                continue;
            }
            for (int id = 0; id < lexicon.size; id++) {
                if (id != named && lexicon.bytes(id).length > 0) {
                    tokens.add(id);
                }
            }
        }
    }
}
