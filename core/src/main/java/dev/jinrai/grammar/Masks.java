package dev.jinrai.grammar;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/// Which tokens may follow in each state of a grammar. Mutable; one owner.
///
/// A token may follow if the text with it can still be completed in the tokens that are left: with a token for each byte, or where that
/// is too many, as its shortest text is spelled. To spell has its price: if the states behind all those tokens that are to be spelled
/// take more than [#MOST_WORK], none of them may follow, so that a mask depends neither on an order of tokens nor on masks before it.
/// What may follow where enough tokens are left is found in one walk through all of them together, and remembered.
final class Masks {
    /// Rules inside each other that a text may come to, unless the grammar leaves no other way. Readers of JSON have such a limit too.
    static final int MOST_DEPTH = 512;

    /// What a mask near the limit may cost in spelling, by [Speller#work] of each state that is behind a token.
    static final int MOST_WORK = 50_000;

    private final Automaton automaton;
    private final Lexicon lexicon;
    private final int[] tokenIds;
    private final Speller speller;

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
        automaton.steps.rest();
        return automaton.start();
    }

    Speller speller() {
        return speller;
    }

    /// {@return the state behind a token that [#permits] or a plan allows}
    State next(State state, int id, long left) {
        State all = automaton.dead();
        List<State> ways = ways(state, id);
        for (State way : ways) {
            all = automaton.union(all, way);
        }
        // The shortest text of all ways together may take more tokens than that of one.
        return completes(state, all, left)
                ? all
                : ways.stream().filter(way -> completes(state, way, left)).findFirst().orElse(all);
    }

    /// {@return the states behind a token: by what it prints, and by each place that names it}
    private List<State> ways(State state, int id) {
        List<State> ways = new ArrayList<>();
        byte[] bytes = lexicon.bytes(id);
        if (bytes.length > 0) {
            ways.add(automaton.next(state, bytes));
        }
        for (Stack.Frame frame : state.stack.frames) {
            if (automaton.node(frame) instanceof Node.Token token && is(id).test(token)) {
                ways.add(automaton.nextToken(state, token::equals));
            }
        }
        return ways;
    }

    private Predicate<Node.Token> is(int id) {
        return token ->
                token.not()
                        ? id != tokenIds[token.reference()] && lexicon.bytes(id).length > 0
                        : id == tokenIds[token.reference()];
    }

    /// {@return the same state; another object where memory had to be freed}
    State tidy(State state) {
        automaton.steps.rest();
        if (!automaton.isFull()) {
            return state;
        }
        State same = automaton.forget(state);
        masks.forEach(TokenMasks::forget);
        return same;
    }

    /// {@return whether the text can be completed behind a token, whatever it takes to find out}
    boolean permits(State state, int id, long left) {
        automaton.steps.rest();
        return (lexicon.isEnd(id) && state.accepts())
                || ways(state, id).stream().anyMatch(after -> completes(state, after, left));
    }

    private boolean completes(State state, State after, long left) {
        return !after.isDead()
                && notTooDeep(state, after)
                && (after.stack.cost < left || speller.count(after, left - 1) < left);
    }

    /// Too deep inside, only what approaches the end may follow; there is always such a token.
    private static boolean notTooDeep(State state, State after) {
        return after.stack.depth <= MOST_DEPTH || after.stack.cost < state.stack.cost;
    }

    /// Finds what may follow.
    ///
    /// @param left how many tokens may still be chosen
    /// @param tokens receives them
    void permitted(State state, long left, TokenSet tokens) {
        tokens.clear();
        automaton.steps.rest();
        var unspelled = new Unspelled(left);
        List<ByteTrie> near = new ArrayList<>();
        for (TokenMasks some : masks) {
            TokenMasks.Mask mask = some.of(state);
            if (mask.largest() < left && mask.deepest() <= MOST_DEPTH) {
                mask.addTo(tokens);
            } else {
                near.add(some.trie());
                walk(
                        some.trie(),
                        tokens,
                        state,
                        after -> {
                            if (!notTooDeep(state, after)) {
                                return false;
                            }
                            boolean soon = after.stack.cost < left;
                            if (!soon) {
                                unspelled.add(after);
                            }
                            return soon;
                        });
            }
        }
        if (unspelled.areFew()) {
            near.forEach(trie -> walk(trie, tokens, state, unspelled::complete));
        }
        named(state, left, tokens);
        if (state.accepts()) {
            for (int end : lexicon.ends) {
                tokens.add(end);
            }
        }
    }

    private void walk(ByteTrie trie, TokenSet tokens, State state, Walk.Test test) {
        new Walk(automaton, trie, tokens).from(state, test);
    }

    /// States behind tokens that a token for each byte does not complete in time.
    private final class Unspelled {
        private final Set<State> states = Collections.newSetFromMap(new IdentityHashMap<>());
        private final long left;

        /// Of all of them; known or not, so that a mask does not depend on those before it.
        private long work;

        Unspelled(long left) {
            this.left = left;
        }

        void add(State after) {
            long more = speller.work(after, left - 1);
            if (more > 0 && work <= MOST_WORK && states.add(automaton.own(after))) {
                work += more;
            }
        }

        boolean areFew() {
            return !states.isEmpty() && work <= MOST_WORK;
        }

        /// {@return whether it is one of them, and spelled it is short enough}
        boolean complete(State after) {
            if (after.stack.cost < left) {
                return false;
            }
            State own = automaton.own(after);
            return states.contains(own) && speller.count(own, left - 1) < left;
        }
    }

    /// Adds tokens that the grammar demands as a whole.
    private void named(State state, long left, TokenSet tokens) {
        for (Stack.Frame frame : state.stack.frames) {
            if (!(automaton.node(frame) instanceof Node.Token token)) {
                continue;
            }
            State after = automaton.nextToken(state, token::equals);
            if (!completes(state, after, left)) {
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
