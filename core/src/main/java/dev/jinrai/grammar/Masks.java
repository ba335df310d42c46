package dev.jinrai.grammar;

import java.util.List;
import java.util.function.Predicate;

/// Which tokens may follow in each state of a grammar. Mutable; one owner.
///
/// A token may follow if the text with it can still be completed, at worst with a token for each byte, in the tokens that are left. What
/// may follow where enough are left is found in one walk through all tokens together, and remembered.
final class Masks {
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

    /// For the tokens of each tree.
    private final List<TokenMasks> masks;

    /// @param tokenIds of the tokens that the program names
    Masks(Program program, long[] costs, Lexicon lexicon, int[] tokenIds) {
        this.automaton = new Automaton(program, costs);
        this.lexicon = lexicon;
        this.tokenIds = tokenIds;
        this.speller = new Speller(automaton, lexicon, tokenIds);
        this.masks =
                lexicon.tries.stream()
                        .map(trie -> new TokenMasks(automaton, trie, lexicon.size))
                        .toList();
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
        State same = automaton.forget(state);
        masks.forEach(TokenMasks::forget);
        return same;
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
        tokens.clear();
        automaton.rest();
        work = MOST_WORK;
        for (TokenMasks some : masks) {
            TokenMasks.Mask mask = some.of(state);
            if (mask.largest() < left && mask.deepest() <= MOST_DEPTH) {
                mask.addTo(tokens);
            } else {
                new Walk(automaton, some.trie(), tokens)
                        .from(state, after -> permitsInWalk(state, after, left));
            }
        }
        named(state, left, tokens);
        if (state.accepts()) {
            for (int end : lexicon.ends) {
                tokens.add(end);
            }
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
