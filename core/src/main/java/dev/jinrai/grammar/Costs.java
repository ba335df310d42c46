package dev.jinrai.grammar;

import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.function.IntPredicate;

/// How many tokens complete the rule from each node, if every byte takes one: what makes it certain that a text can be ended in time.
///
/// Dijkstra's algorithm for grammars (Knuth 1977, "A generalization of Dijkstra's algorithm"): nodes become final in the order of
/// their costs.
final class Costs {
    /// No text of these bytes and tokens completes it.
    static final long INFINITE = Long.MAX_VALUE / 4;

    private static final long LARGEST = 1L << 50;

    private final Program program;
    private final IntPredicate bytes;
    private final IntPredicate tokens;
    private final IntPredicate others;
    private final long[] costs;
    private final PriorityQueue<Known> queue = new PriorityQueue<>();

    /// Whether costs above the largest are the largest, and not none.
    private boolean atMost;

    private record Known(long cost, int node) implements Comparable<Known> {
        @Override
        public int compareTo(Known other) {
            return Long.compare(cost, other.cost);
        }
    }

    /// {@return of each node the cost where all bytes and tokens are there}
    static long[] of(Program program) {
        return of(program, _ -> true, _ -> true, _ -> true);
    }

    private Costs(Program program, IntPredicate bytes, IntPredicate tokens, IntPredicate others) {
        this.program = program;
        this.bytes = bytes;
        this.tokens = tokens;
        this.others = others;
        this.costs = new long[program.nodes.length];
        Arrays.fill(costs, INFINITE);
    }

    /// {@return of each node the cost up to the end of its rule or round}
    ///
    /// @param bytes which bytes there are tokens of
    /// @param tokens which of the program's tokens there are
    /// @param others of which of them there are others that have text
    static long[] of(
            Program program, IntPredicate bytes, IntPredicate tokens, IntPredicate others) {
        var costs = new Costs(program, bytes, tokens, others);
        costs.compute();
        return costs.costs;
    }

    private void compute() {
        int[][] dependents = dependents();
        for (int node = 0; node < costs.length; node++) {
            propose(node, cost(node));
        }
        while (!queue.isEmpty()) {
            Known known = queue.remove();
            if (costs[known.node] == INFINITE) {
                costs[known.node] = known.cost;
                for (int dependent : dependents[known.node]) {
                    boolean any = program.nodes[dependent] instanceof Node.Fork;
                    propose(dependent, any ? known.cost : cost(dependent));
                }
            }
        }
    }

    /// {@return whether something completes the rule from a node, be it longer than costs can say}
    static boolean hasEnd(Program program, int node) {
        var costs = new Costs(program, _ -> true, _ -> true, _ -> true);
        costs.atMost = true;
        costs.compute();
        return costs.costs[node] != INFINITE;
    }

    private void propose(int node, long cost) {
        if (costs[node] == INFINITE && (cost <= LARGEST || (atMost && cost < INFINITE))) {
            queue.add(new Known(Math.min(cost, LARGEST), node));
        }
    }

    /// {@return by what is final so far}
    private long cost(int node) {
        return switch (program.nodes[node]) {
            case Node.End() -> 0;
            case Node.Bytes(int[] edges) -> {
                long least = INFINITE;
                for (int i = 0; i < edges.length; i += 3) {
                    if (costs[edges[i + 2]] < least && any(edges[i], edges[i + 1])) {
                        least = costs[edges[i + 2]];
                    }
                }
                yield least + 1;
            }
            case Node.Fork(int[] targets) -> {
                long least = INFINITE;
                for (int target : targets) {
                    least = Math.min(least, costs[target]);
                }
                yield least;
            }
            case Node.Call(int rule, int next) -> costs[program.entries[rule]] + costs[next];
            case Node.Loop(int round, int min, int _) -> {
                Node.Round loop = program.round(round);
                long body = costs[loop.body()];
                long rounds = times(min, body);
                yield (atMost && body < INFINITE ? Math.min(rounds, LARGEST) : rounds)
                        + costs[loop.next()];
            }
            case Node.Round _ -> INFINITE; // nobody comes to it
            case Node.Token(int reference, boolean not, int next) ->
                    (not ? others : tokens).test(reference) ? 1 + costs[next] : INFINITE;
        };
    }

    private boolean any(int first, int last) {
        for (int b = first; b <= last; b++) {
            if (bytes.test(b)) {
                return true;
            }
        }
        return false;
    }

    /// {@return what `count` times `cost` is, or [#INFINITE]}
    static long times(int count, long cost) {
        if (count == 0 || cost == 0) {
            return 0;
        }
        return cost > LARGEST / count ? INFINITE : count * cost;
    }

    /// Of each node, those whose cost depends on its own.
    private int[][] dependents() {
        int[] counts = new int[costs.length];
        eachDependency((_, dependency) -> counts[dependency]++);
        int[][] dependents = new int[costs.length][];
        for (int node = 0; node < counts.length; node++) {
            dependents[node] = new int[counts[node]];
        }
        eachDependency((node, dependency) -> dependents[dependency][--counts[dependency]] = node);
        return dependents;
    }

    @FunctionalInterface
    private interface Dependency {
        void accept(int node, int dependency);
    }

    private void eachDependency(Dependency each) {
        for (int node = 0; node < costs.length; node++) {
            switch (program.nodes[node]) {
                case Node.End(), Node.Round _ -> {}
                case Node.Bytes(int[] edges) -> {
                    for (int i = 2; i < edges.length; i += 3) {
                        each.accept(node, edges[i]);
                    }
                }
                case Node.Fork(int[] targets) -> {
                    for (int target : targets) {
                        each.accept(node, target);
                    }
                }
                case Node.Call(int rule, int next) -> {
                    each.accept(node, program.entries[rule]);
                    each.accept(node, next);
                }
                case Node.Loop(int round, int _, int _) -> {
                    each.accept(node, program.round(round).body());
                    each.accept(node, program.round(round).next());
                }
                case Node.Token(int _, boolean _, int next) -> each.accept(node, next);
            }
        }
    }
}
