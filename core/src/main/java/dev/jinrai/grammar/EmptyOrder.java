package dev.jinrai.grammar;

import java.util.Arrays;

/// An order of a grammar's nodes: first those from which others are reached without a byte. Where such ways lead in a circle, which
/// only repetitions of what may be empty do, the circle is cut somewhere. Immutable.
///
/// It is the reverse postorder of a depth-first search.
final class EmptyOrder {
    private final int[] ranks;
    private final int[] nodes;

    private EmptyOrder(int[] ranks, int[] nodes) {
        this.ranks = ranks;
        this.nodes = nodes;
    }

    /// @param costs of each node; 0 for what may be empty
    static EmptyOrder of(Program program, long[] costs) {
        int count = program.nodes.length;
        int[] nodes = new int[count];
        int[] tried = new int[count]; // edges that the search has taken; -1 before it comes
        Arrays.fill(tried, -1);
        int[] path = new int[count];
        int rank = count;
        for (int start = 0; start < count; start++) {
            int deep = 0;
            if (tried[start] < 0) {
                tried[start] = 0;
                path[deep++] = start;
            }
            while (deep > 0) {
                int node = path[deep - 1];
                int next = next(program, costs, node, tried[node]++);
                if (next < 0) {
                    deep--;
                    nodes[--rank] = node;
                } else if (tried[next] < 0) {
                    tried[next] = 0;
                    path[deep++] = next;
                }
            }
        }
        int[] ranks = new int[count];
        for (int i = 0; i < count; i++) {
            ranks[nodes[i]] = i;
        }
        return new EmptyOrder(ranks, nodes);
    }

    /// {@return the node that the i-th way without a byte leads to; −1 if there is none}
    private static int next(Program program, long[] costs, int node, int i) {
        return switch (program.nodes[node]) {
            case Node.Fork(int[] targets) -> i < targets.length ? targets[i] : -1;
            case Node.Call(int rule, int next) -> {
                int entry = program.entries[rule];
                yield i == 0 ? entry : i == 1 && costs[entry] == 0 ? next : -1;
            }
            case Node.Loop(int round, int _, int _) -> {
                Node.Round loop = program.round(round);
                yield i == 0 ? loop.body() : i == 1 ? loop.next() : -1;
            }
            case Node.End(),
                    Node.Round _,
                    Node.Bytes(int[] _),
                    Node.Token(int _, boolean _, int _) ->
                    -1;
        };
    }

    int rank(int node) {
        return ranks[node];
    }

    int node(int rank) {
        return nodes[rank];
    }
}
