package dev.jinrai.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Follows a grammar from some nodes to the next bytes and tokens, through calls, returns and loops. Mutable; for one use.
final class Closure {
    private record Place(int node, Stack below) {}

    private record Rounds(int needed, int left) {}

    private final Program program;
    private final long[] costs;
    private final Stacks stacks;
    private final Map<Integer, Stack> tops = new HashMap<>();
    private final Set<Place> seen = new HashSet<>();
    private final Map<Place, List<Rounds>> loops = new HashMap<>();
    private final Deque<Place> work = new ArrayDeque<>();
    private boolean ended;

    Closure(Program program, long[] costs, Stacks stacks) {
        this.program = program;
        this.costs = costs;
        this.stacks = stacks;
    }

    /// Goes on from a node.
    void add(int node, Stack below) {
        if (costs[node] + below.cost >= Costs.INFINITE) {
            return; // nobody could complete it
        }
        var place = new Place(node, below);
        if (seen.add(place)) {
            work.push(place);
        }
    }

    /// {@return where bytes and tokens come next}
    Stack close() {
        while (!work.isEmpty()) {
            Place place = work.pop();
            Stack below = place.below;
            switch (program.nodes[place.node]) {
                case Node.Bytes(int[] _), Node.Token(int _, boolean _, int _) ->
                        tops.merge(place.node, below, stacks::union);
                case Node.End() -> end(below);
                case Node.Fork(int[] targets) -> {
                    for (int target : targets) {
                        add(target, below);
                    }
                }
                case Node.Call(int rule, int next) ->
                        // What ends with a call returns to where it would return itself.
                        add(
                                program.entries[rule],
                                program.isEnd(next) ? below : stacks.of(next, 0, 0, below));
                case Node.Loop(int _, int _, int min, int max) -> loop(place.node, min, max, below);
            }
        }
        return stacks.of(tops, ended);
    }

    private void end(Stack below) {
        ended |= below.bottom;
        for (Stack.Frame frame : below.frames) {
            if (program.nodes[frame.node()] instanceof Node.Loop) {
                loop(frame.node(), frame.needed(), frame.left(), frame.below());
            } else {
                add(frame.node(), frame.below());
            }
        }
    }

    /// A loop between two rounds.
    private void loop(int node, int needed, int left, Stack below) {
        var loop = (Node.Loop) program.nodes[node];
        int need = costs[loop.body()] == 0 ? 0 : needed; // what may be empty may be that often
        List<Rounds> before = loops.computeIfAbsent(new Place(node, below), _ -> new ArrayList<>());
        for (Rounds rounds : before) {
            if (rounds.needed <= need && rounds.left >= left) {
                return; // all that follows has been seen: a round may have been empty
            }
        }
        before.add(new Rounds(need, left));
        if (need == 0) {
            add(loop.next(), below);
        }
        if (left > 0) {
            int fewer = left == Expr.UNBOUNDED ? left : left - 1;
            add(loop.body(), stacks.of(node, Math.max(0, need - 1), fewer, below));
        }
    }
}
