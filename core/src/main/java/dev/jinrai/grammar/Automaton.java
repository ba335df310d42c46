package dev.jinrai.grammar;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// The states that texts of a grammar go through, byte by byte, made as they are reached: a pushdown automaton made deterministic lazily.
/// Mutable; one owner.
final class Automaton {
    /// States and stacks that are kept; then it forgets all but where it is.
    private static final int MOST_STATES = 20_000;

    private static final int MOST_STACKS = 200_000;

    private final Program program;
    private final long[] costs;
    private final EmptyOrder order;

    /// Taken by this one and those that are [#fresh] from it.
    final Steps steps;

    private Stacks stacks;
    private Map<Stack, State> states = new HashMap<>();

    Automaton(Program program, long[] costs) {
        this(program, costs, EmptyOrder.of(program, costs), new Steps());
    }

    private Automaton(Program program, long[] costs, EmptyOrder order, Steps steps) {
        this.program = program;
        this.costs = costs;
        this.order = order;
        this.steps = steps;
        this.stacks = new Stacks(program, costs, steps);
    }

    /// {@return the state before the first byte; dead if no text can be spelled}
    State start() {
        var closure = closure();
        closure.add(program.entries[program.root], stacks.bottom);
        return state(closure.close());
    }

    State next(State state, int b) {
        int c = program.classes[b];
        State known = state.next[c];
        if (known == null) {
            known = step(state, program.representatives[c]);
            state.next[c] = known;
        }
        return known;
    }

    State next(State state, byte[] bytes) {
        State at = state;
        for (int i = 0; i < bytes.length && !at.isDead(); i++) {
            at = next(at, bytes[i] & 0xFF);
        }
        return at;
    }

    private State step(State state, int b) {
        var closure = closure();
        for (Stack.Frame frame : state.stack.frames) {
            if (program.nodes[frame.node()] instanceof Node.Bytes(int[] edges)) {
                for (int i = 0; i < edges.length; i += 3) {
                    if (edges[i] <= b && b <= edges[i + 1]) {
                        closure.add(edges[i + 2], frame.below());
                    }
                }
            }
        }
        Stack stack = closure.close();
        steps.take(state.stack.frames.size() + closure.steps() + stack.frames.size());
        return state(stack);
    }

    /// {@return where a token leads that the grammar demands as a whole}
    ///
    /// @param wanted says of a [Node.Token] whether it is this token
    State nextToken(State state, Predicate<Node.Token> wanted) {
        if (program.tokens.isEmpty()) {
            return state(stacks.dead);
        }
        var closure = closure();
        for (Stack.Frame frame : state.stack.frames) {
            if (program.nodes[frame.node()] instanceof Node.Token token && wanted.test(token)) {
                closure.add(token.next(), frame.below());
            }
        }
        return state(closure.close());
    }

    State dead() {
        return state(stacks.dead);
    }

    State union(State a, State b) {
        return a.isDead() ? b : b.isDead() ? a : state(stacks.union(a.stack, b.stack));
    }

    /// {@return what stacks look like from above}
    ///
    /// @param many counts above are alike
    Outlines outlines(int many) {
        return new Outlines(stacks, many);
    }

    private Closure closure() {
        return new Closure(program, costs, order, stacks);
    }

    /// {@return the state of a stack of this automaton}
    State state(Stack stack) {
        return states.computeIfAbsent(stack, s -> new State(s, program.representatives.length));
    }

    /// {@return what comes next in the shortest text from a state that is not its end}
    Node cheapest(State state) {
        for (Stack.Frame frame : state.stack.frames) {
            if (costs[frame.node()] + frame.below().cost == state.stack.cost) {
                return program.nodes[frame.node()];
            }
        }
        throw new AssertionError("no frame has the cost of its stack");
    }

    /// {@return the cost up to the end of a rule}
    long cost(int node) {
        return costs[node];
    }

    Node node(Stack.Frame frame) {
        return program.nodes[frame.node()];
    }

    /// {@return whether there are so many states that it should [#forget]}
    boolean isFull() {
        return states.size() > MOST_STATES || stacks.size() > MOST_STACKS;
    }

    /// {@return an automaton of the same grammar that has seen nothing}
    Automaton fresh() {
        return new Automaton(program, costs, order, steps);
    }

    /// Starts over; states from before are no longer its own.
    ///
    /// @return the same state anew
    State forget(State state) {
        stacks = new Stacks(program, costs, steps);
        states = new HashMap<>();
        return adopt(state);
    }

    /// {@return a state of another automaton as one of this one}
    State adopt(State state) {
        return state(copy(state.stack, new IdentityHashMap<>()));
    }

    /// {@return a state of this automaton or of one that is [#fresh] from it as one of this one}
    State own(State state) {
        return states.get(state.stack) == state ? state : adopt(state);
    }

    private Stack copy(Stack stack, Map<Stack, Stack> copies) {
        Stack known = copies.get(stack);
        if (known != null) {
            return known;
        }
        List<Stack.Frame> frames = new ArrayList<>(stack.frames.size());
        for (Stack.Frame f : stack.frames) {
            frames.add(new Stack.Frame(f.node(), f.needed(), f.left(), copy(f.below(), copies)));
        }
        Stack copy = stacks.of(frames, stack.bottom);
        copies.put(stack, copy);
        return copy;
    }
}
