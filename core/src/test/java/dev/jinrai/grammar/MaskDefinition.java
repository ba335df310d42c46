package dev.jinrai.grammar;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.TreeSet;

/// Which tokens may follow, by the definition (docs/grammar.md, "How it works"), token by token and without memory. Grammars that name
/// tokens are not for it.
final class MaskDefinition {
    private final Automaton automaton;
    private final Lexicon lexicon;
    private final Speller speller;
    private State state;
    private long left;

    /// How many masks there were in which spelling would have taken too long.
    int tooMuchWork;

    MaskDefinition(Grammar grammar, Lexicon lexicon, int limit) {
        Program program = grammar.program();
        this.automaton =
                new Automaton(program, Costs.of(program, lexicon::hasByte, _ -> true, _ -> true));
        this.lexicon = lexicon;
        this.speller = new Speller(automaton, lexicon, new int[0]);
        this.state = automaton.start();
        this.left = limit;
    }

    /// {@return the ids}
    Set<Integer> permitted() {
        Set<Integer> permitted = new TreeSet<>();
        Set<Integer> late = new TreeSet<>();
        Set<State> states = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int id = 0; id < lexicon.size; id++) {
            automaton.steps.rest();
            State after = after(id);
            if (lexicon.isEnd(id) && state.accepts()) {
                permitted.add(id);
            } else if (!after.isDead() && !isTooDeep(after)) {
                if (after.stack.cost <= left - 1) {
                    permitted.add(id);
                } else if (isNear(after)) {
                    late.add(id);
                    states.add(after);
                }
            }
        }
        long work = 0;
        for (State after : states) {
            long depth = after.stack.depth;
            work += after.stack.cost * (1 + depth * depth / 16);
        }
        if (work > 50_000) {
            tooMuchWork++;
        } else {
            late.removeIf(id -> speller.tokens(after(id)).length > left - 1);
            permitted.addAll(late);
        }
        if (state.stack.cost > left) {
            permitted.add(speller.tokens(state)[0]);
        }
        return permitted;
    }

    private State after(int id) {
        byte[] bytes = lexicon.bytes(id);
        return bytes.length == 0 ? automaton.dead() : automaton.next(state, bytes);
    }

    private boolean isTooDeep(State after) {
        return after.stack.depth > 512 && after.stack.cost >= state.stack.cost;
    }

    /// Whether it is worth a look how it is spelled.
    private boolean isNear(State after) {
        return after.stack.cost <= 2_000 && after.stack.cost <= (left - 1) * lexicon.longest();
    }

    void accept(int id) {
        state = after(id);
        left--;
    }
}
