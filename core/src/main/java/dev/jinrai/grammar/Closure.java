package dev.jinrai.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;

/// Follows a grammar from some nodes to the next bytes and tokens, through calls, returns and loops. Mutable; for one use.
///
/// What began at an earlier byte is followed first, place by place, and returns to where it was called. Then what begins here: each
/// node once, in [EmptyOrder], with all that calls it merged below it. What begins here needs no returns: where it may be empty, its
/// caller goes on at once (Aycock and Horspool 2002, "Practical Earley parsing").
final class Closure {
    /// Steps between two bytes; ordinary grammars take dozens.
    private static final int MOST_STEPS = 2_000_000;

    private record Place(int node, Stack below) {}

    private record Rounds(int needed, int left) {}

    private final Program program;
    private final long[] costs;
    private final EmptyOrder order;
    private final Stacks stacks;
    private final Map<Integer, Stack> tops = new HashMap<>();
    private final Set<Place> seen = new HashSet<>();
    private final Map<Place, List<Rounds>> loops = new HashMap<>();
    private final Deque<Place> work = new ArrayDeque<>();

    /// By node that begins here: what is below it, as far as that was followed, and what came since.
    private final Map<Integer, Stack> followed = new HashMap<>();

    private final Map<Integer, List<Stack>> begun = new HashMap<>();

    private final PriorityQueue<Integer> ranks = new PriorityQueue<>();
    private boolean ended;
    private int steps;

    Closure(Program program, long[] costs, EmptyOrder order, Stacks stacks) {
        this.program = program;
        this.costs = costs;
        this.order = order;
        this.stacks = stacks;
    }

    /// Goes on from a node of what began earlier.
    void add(int node, Stack below) {
        if (costs[node] + below.cost >= Costs.INFINITE) {
            return; // nobody could complete it
        }
        var place = new Place(node, below);
        if (seen.add(place)) {
            work.push(place);
        }
    }

    /// Goes on from a node of what begins here.
    private void begin(int node, Stack below) {
        if (costs[node] + below.cost >= Costs.INFINITE || program.isEnd(node)) {
            return;
        }
        if (followed.get(node) == below) {
            return;
        }
        List<Stack> belows = begun.computeIfAbsent(node, _ -> new ArrayList<>());
        if (belows.isEmpty()) {
            ranks.add(order.rank(node));
        }
        belows.add(below);
    }

    private void go(boolean here, int node, Stack below) {
        if (here) {
            begin(node, below);
        } else {
            add(node, below);
        }
    }

    /// {@return where bytes and tokens come next}
    ///
    /// @throws GrammarException if there are too many ways to get there
    Stack close() {
        while (!work.isEmpty()) {
            Place place = work.pop();
            follow(false, place.node, place.below);
        }
        while (!ranks.isEmpty()) {
            int node = order.node(ranks.remove());
            List<Stack> belows = Objects.requireNonNull(begun.remove(node));
            count(belows.size());
            Stack before = followed.getOrDefault(node, stacks.dead);
            Stack below = stacks.union(before, union(belows));
            if (below != before) {
                followed.put(node, below);
                follow(true, node, below);
            }
        }
        return stacks.of(tops, ended);
    }

    /// By halves: many merge faster than one after the other.
    private Stack union(List<Stack> some) {
        int half = some.size() / 2;
        return half == 0
                ? some.getFirst()
                : stacks.union(
                        union(some.subList(0, half)), union(some.subList(half, some.size())));
    }

    private void follow(boolean here, int node, Stack below) {
        count(1);
        switch (program.nodes[node]) {
            case Node.Bytes(int[] _), Node.Token(int _, boolean _, int _) ->
                    tops.merge(node, below, stacks::union);
            case Node.End() -> end(below);
            case Node.Fork(int[] targets) -> {
                count(targets.length);
                for (int target : targets) {
                    go(here, target, below);
                }
            }
            case Node.Call(int rule, int next) -> {
                // What ends with a call returns to where it would return itself.
                int entry = program.entries[rule];
                begin(entry, program.isEnd(next) ? below : stacks.of(next, 0, 0, below));
                if (costs[entry] == 0) {
                    go(here, next, below);
                }
            }
            case Node.Loop(int round, int min, int max) -> loop(here, round, min, max, below);
            case Node.Round _ -> throw new AssertionError("a loop's frame is no way");
        }
    }

    /// {@return how many it took so far}
    int steps() {
        return steps;
    }

    private void count(int more) {
        steps += more;
        if (steps > MOST_STEPS) {
            throw new GrammarException(
                    "the grammar is too ambiguous: more than %d steps between two bytes"
                            .formatted(MOST_STEPS));
        }
    }

    private void end(Stack below) {
        ended |= below.bottom;
        count(below.frames.size());
        for (Stack.Frame frame : below.frames) {
            if (program.nodes[frame.node()] instanceof Node.Round) {
                loop(false, frame.node(), frame.needed(), frame.left(), frame.below());
            } else {
                add(frame.node(), frame.below());
            }
        }
    }

    /// A loop between two rounds.
    private void loop(boolean here, int node, int needed, int left, Stack below) {
        Node.Round loop = program.round(node);
        int need = costs[loop.body()] == 0 ? 0 : needed; // what may be empty may be that often
        if (!here && hasSeen(new Place(node, below), need, left)) {
            return;
        }
        if (need == 0) {
            go(here, loop.next(), below);
        }
        if (left > 0) {
            int fewer = left == Expr.UNBOUNDED ? left : left - 1;
            begin(loop.body(), stacks.of(node, Math.max(0, need - 1), fewer, below));
        }
    }

    private boolean hasSeen(Place place, int needed, int left) {
        List<Rounds> before = loops.computeIfAbsent(place, _ -> new ArrayList<>());
        for (Rounds rounds : before) {
            if (rounds.needed <= needed && rounds.left >= left) {
                return true; // and all that follows
            }
        }
        before.add(new Rounds(needed, left));
        return false;
    }
}
