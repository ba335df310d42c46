package dev.jinrai.grammar;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.TreeSet;

/// Finds a rule that begins with itself, directly, through others, or behind what may be empty: a matcher would call it for ever.
final class LeftRecursion {
    private final Program program;
    private final long[] costs;

    private LeftRecursion(Program program, long[] costs) {
        this.program = program;
        this.costs = costs;
    }

    /// @param costs 0 for what may be empty
    /// @throws RuleException if there is one
    static void refuse(Program program, long[] costs) {
        new LeftRecursion(program, costs).search();
    }

    private void search() {
        int rules = program.entries.length;
        int[][] calls = new int[rules][];
        for (int rule = 0; rule < rules; rule++) {
            calls[rule] = firstCalls(program.entries[rule]);
        }
        BitSet begun = new BitSet(rules);
        BitSet done = new BitSet(rules);
        int[] next = new int[rules];
        Deque<Integer> path = new ArrayDeque<>();
        for (int start = 0; start < rules; start++) {
            if (!begun.get(start)) {
                path.push(start);
            }
            while (!path.isEmpty()) {
                int rule = path.element();
                begun.set(rule);
                if (next[rule] == calls[rule].length) {
                    done.set(rule);
                    path.pop();
                    continue;
                }
                int called = calls[rule][next[rule]++];
                if (begun.get(called) && !done.get(called)) {
                    String name = program.ruleNames.get(called);
                    throw new RuleException(
                            name,
                            "rule '%s' begins with itself (left recursion), through '%s'"
                                    .formatted(name, program.ruleNames.get(rule)));
                }
                if (!done.get(called)) {
                    path.push(called);
                }
            }
        }
    }

    /// {@return the rules that may be called from a node before any byte}
    private int[] firstCalls(int entry) {
        var calls = new TreeSet<Integer>();
        var seen = new BitSet();
        Deque<Integer> work = new ArrayDeque<>();
        work.push(entry);
        while (!work.isEmpty()) {
            int node = work.pop();
            if (seen.get(node)) {
                continue;
            }
            seen.set(node);
            switch (program.nodes[node]) {
                case Node.End(),
                        Node.Round _,
                        Node.Bytes(int[] _),
                        Node.Token(int _, boolean _, int _) -> {}
                case Node.Fork(int[] targets) -> {
                    for (int target : targets) {
                        work.push(target);
                    }
                }
                case Node.Call(int rule, int next) -> {
                    calls.add(rule);
                    if (costs[program.entries[rule]] == 0) {
                        work.push(next);
                    }
                }
                case Node.Loop(int round, int min, int _) -> {
                    Node.Round loop = program.round(round);
                    work.push(loop.body());
                    if (min == 0 || costs[loop.body()] == 0) {
                        work.push(loop.next());
                    }
                }
            }
        }
        return calls.stream().mapToInt(Integer::intValue).toArray();
    }
}
