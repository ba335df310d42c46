package dev.jinrai.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Goes through a tree of tokens together with an automaton, and leaves what the automaton does not bear. Mutable; for one use.
final class Walk {
    /// Whether a token counts, from the state behind it.
    @FunctionalInterface
    interface Test {
        boolean passes(State after);
    }

    /// Where the topmost rules of an outline end, so that the rest of some tokens belongs to what is below.
    ///
    /// @param node of the tree
    /// @param bytes that lead to it
    @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
    record Door(int node, byte[] bytes) {}

    /// Another one from where this one comes to too many states: a walk may come to one for each node.
    private Automaton automaton;

    private final ByteTrie trie;
    private final State[] path;

    /// What passed.
    final TokenSet tokens;

    /// The largest cost behind one of them, and the largest depth.
    long largest;

    int deepest;

    Walk(Automaton automaton, ByteTrie trie, TokenSet tokens) {
        this.automaton = automaton;
        this.trie = trie;
        this.tokens = tokens;
        this.path = new State[trie.deepest + 1];
    }

    /// Through all tokens.
    void from(State state, Test test) {
        path[0] = state;
        walk(0, trie.size, test);
    }

    /// Through the tokens behind doors.
    void from(State state, List<Door> doors) {
        path[0] = state;
        for (Door door : doors) {
            int depth = door.bytes.length;
            for (int i = 0; i < depth; i++) {
                rest(i);
                path[i + 1] = automaton.next(path[i], door.bytes[i] & 0xFF);
            }
            walk(door.node + 1, trie.ends[door.node], _ -> true);
        }
    }

    /// Starts over with an automaton that has seen nothing, if this one is full.
    ///
    /// @param depth of the path so far
    private void rest(int depth) {
        if (automaton.isFull()) {
            automaton = automaton.fresh();
            for (int i = 0; i <= depth; i++) {
                path[i] = automaton.adopt(path[i]);
            }
        }
    }

    private void walk(int first, int end, Test test) {
        for (int node = first; node < end; ) {
            int depth = trie.depths[node];
            rest(depth - 1);
            State after = automaton.next(path[depth - 1], trie.labels[node] & 0xFF);
            if (after.isDead()) {
                node = trie.ends[node];
                continue;
            }
            path[depth] = after;
            if (trie.hasToken(node) && test.passes(after)) {
                add(node, after);
            }
            node++;
        }
    }

    /// Through all tokens up to where the outline's rules end.
    ///
    /// @return where that is
    List<Door> upToDoors(State top) {
        List<Door> doors = new ArrayList<>();
        byte[] bytes = new byte[trie.deepest];
        path[0] = top;
        for (int node = 0; node < trie.size; ) {
            int depth = trie.depths[node];
            rest(depth - 1);
            State after = automaton.next(path[depth - 1], trie.labels[node] & 0xFF);
            path[depth] = after;
            bytes[depth - 1] = trie.labels[node];
            if (!after.isDead() && trie.hasToken(node)) {
                add(node, after);
            }
            if (after.accepts() && trie.ends[node] > node + 1) {
                doors.add(new Door(node, Arrays.copyOf(bytes, depth)));
            }
            node = after.isDead() || after.accepts() ? trie.ends[node] : node + 1;
        }
        return doors;
    }

    private void add(int node, State after) {
        largest = Math.max(largest, after.stack.cost);
        deepest = Math.max(deepest, after.stack.depth);
        for (int i = trie.firsts[node]; i < trie.firsts[node + 1]; i++) {
            tokens.add(trie.ids[i]);
        }
    }
}
