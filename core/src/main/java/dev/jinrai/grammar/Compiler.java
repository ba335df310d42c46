package dev.jinrai.grammar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Rules to a [Program], from their ends to their beginnings: an expression is compiled with the node that follows it.
///
/// A repetition stays one node with its counts, however large: nothing is written out.
final class Compiler {
    /// More than a grammar that somebody wrote, and less than fills a memory.
    private static final int MOST_NODES = 1_000_000;

    private static final int END = 0;

    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Integer> rules = new LinkedHashMap<>();
    private final Map<String, Integer> tokens = new LinkedHashMap<>();

    // Equal nodes are one, so that equal parts of a grammar come to equal stacks.

    /// Nodes of bytes by their edges.
    private final Map<List<Integer>, Integer> byEdges = new HashMap<>();

    /// Those of one byte, as most are, by the byte and what follows.
    private final Map<Long, Integer> byByte = new HashMap<>();

    /// Forks by their targets.
    private final Map<List<Integer>, Integer> byTargets = new HashMap<>();

    private final Map<Node, Integer> others = new HashMap<>();

    private Compiler() {}

    /// @throws RuleException if a rule is not there
    static Program compile(Map<String, Expr> grammar, String root) {
        var compiler = new Compiler();
        compiler.nodes.add(new Node.End());
        grammar.keySet().forEach(name -> compiler.rules.put(name, compiler.rules.size()));
        int[] entries = new int[grammar.size()];
        int n = 0;
        for (Expr rule : grammar.values()) {
            entries[n++] = compiler.compile(rule, END);
        }
        return new Program(
                compiler.nodes.toArray(Node[]::new),
                entries,
                List.copyOf(compiler.rules.keySet()),
                List.copyOf(compiler.tokens.keySet()),
                compiler.rule(root));
    }

    private int rule(String name) {
        Integer index = rules.get(name);
        if (index == null) {
            throw new RuleException(name, "there is no rule '%s'".formatted(name));
        }
        return index;
    }

    private int add(Node node) {
        if (nodes.size() == MOST_NODES) {
            throw new GrammarException("the grammar is too large");
        }
        nodes.add(node);
        return nodes.size() - 1;
    }

    /// {@return the node that equals this one, which has no arrays}
    private int only(Node node) {
        Integer known = others.get(node);
        if (known != null) {
            return known;
        }
        int added = add(node);
        others.put(node, added);
        return added;
    }

    private int fork(List<Integer> targets) {
        Integer known = byTargets.get(targets);
        if (known != null) {
            return known;
        }
        int node = add(new Node.Fork(targets.stream().mapToInt(Integer::intValue).toArray()));
        byTargets.put(targets, node);
        return node;
    }

    /// {@return the node where the expression begins}
    private int compile(Expr expr, int next) {
        return switch (expr) {
            case Expr.Text(String text) -> text(text.getBytes(StandardCharsets.UTF_8), next);
            case Expr.Chars(CharSet set) -> merge(Utf8Ranges.of(set), 0, next);
            case Expr.Sequence(List<Expr> parts) -> {
                int at = next;
                for (Expr part : parts.reversed()) {
                    at = compile(part, at);
                }
                yield at;
            }
            case Expr.Choice(List<Expr> options) -> {
                yield fork(options.stream().map(option -> compile(option, next)).toList());
            }
            case Expr.Repeat(Expr body, int min, int max) -> repeat(body, min, max, next);
            case Expr.Rule(String name) -> only(new Node.Call(rule(name), next));
            case Expr.Token(String name, boolean not) ->
                    only(
                            new Node.Token(
                                    tokens.computeIfAbsent(name, _ -> tokens.size()), not, next));
        };
    }

    private int text(byte[] bytes, int next) {
        int at = next;
        for (int i = bytes.length - 1; i >= 0; i--) {
            at = byteNode(bytes[i] & 0xFF, at);
        }
        return at;
    }

    private int byteNode(int b, int next) {
        // Times an odd number, as the nodes' numbers lie close together.
        long key = ((long) next << 8 | b) * 0x9E3779B97F4A7C15L;
        Integer known = byByte.get(key);
        if (known != null) {
            return known;
        }
        int node = add(new Node.Bytes(new int[] {b, b, next}));
        byByte.put(key, node);
        return node;
    }

    private int bytesNode(List<Integer> edges) {
        if (edges.size() == 3 && edges.get(0).equals(edges.get(1))) {
            return byteNode(edges.get(0), edges.get(2));
        }
        Integer known = byEdges.get(edges);
        if (known != null) {
            return known;
        }
        int node = add(new Node.Bytes(edges.stream().mapToInt(Integer::intValue).toArray()));
        byEdges.put(edges, node);
        return node;
    }

    /// {@return the node of sequences that are equal before the byte at `depth`}
    private int merge(List<int[]> sequences, int depth, int next) {
        List<Integer> edges = new ArrayList<>();
        for (int from = 0; from < sequences.size(); ) {
            int[] first = sequences.get(from);
            int to = from + 1;
            while (to < sequences.size() && sameAt(first, sequences.get(to), depth)) {
                to++;
            }
            int target =
                    first.length == depth + 2
                            ? next
                            : merge(sequences.subList(from, to), depth + 2, next);
            edges.addAll(List.of(first[depth], first[depth + 1], target));
            from = to;
        }
        return bytesNode(edges);
    }

    private static boolean sameAt(int[] a, int[] b, int depth) {
        return Arrays.equals(a, depth, depth + 2, b, depth, depth + 2);
    }

    private int repeat(Expr body, int min, int max, int next) {
        if (max == 0) {
            return next;
        }
        if (min == 1 && max == 1) {
            return compile(body, next);
        }
        if (min == 0 && max == 1) {
            return fork(List.of(compile(body, next), next));
        }
        if (min <= 1 && max == Expr.UNBOUNDED) {
            int[] targets = {0, next};
            int again = add(new Node.Fork(targets));
            targets[0] = compile(body, again);
            return min == 0 ? again : targets[0];
        }
        int round = only(new Node.Round(compile(body, END), next));
        return only(new Node.Loop(round, min, max));
    }
}
