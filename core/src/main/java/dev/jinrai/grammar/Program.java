package dev.jinrai.grammar;

import java.util.ArrayList;
import java.util.List;

/// A grammar as a graph of nodes over bytes: what a matcher walks.
///
/// A character class has become the bytes by which UTF-8 writes it, so that a token that ends inside a character is nothing
/// special, and bytes that are no UTF-8 lead nowhere.
final class Program {
    final Node[] nodes;

    /// Of each rule, the node where it begins.
    final int[] entries;

    final List<String> ruleNames;

    /// Names of tokens that the grammar demands or excludes.
    final List<String> tokens;

    /// The rule that a whole text is.
    final int root;

    /// Of each byte, its class: bytes of one class lead everywhere to the same node.
    final int[] classes = new int[256];

    /// Of each class, one of its bytes.
    final int[] representatives;

    Program(Node[] nodes, int[] entries, List<String> ruleNames, List<String> tokens, int root) {
        this.nodes = nodes;
        this.entries = entries;
        this.ruleNames = List.copyOf(ruleNames);
        this.tokens = List.copyOf(tokens);
        this.root = root;
        this.representatives = classify();
    }

    /// A new class begins where an edge begins or has just ended.
    private int[] classify() {
        boolean[] begins = new boolean[257];
        for (Node node : nodes) {
            if (node instanceof Node.Bytes(int[] edges)) {
                for (int i = 0; i < edges.length; i += 3) {
                    begins[edges[i]] = true;
                    begins[edges[i + 1] + 1] = true;
                }
            }
        }
        begins[0] = true;
        List<Integer> firsts = new ArrayList<>();
        for (int b = 0; b < 256; b++) {
            if (begins[b]) {
                firsts.add(b);
            }
            classes[b] = firsts.size() - 1;
        }
        return firsts.stream().mapToInt(Integer::intValue).toArray();
    }

    /// {@return what a loop's frame stands at}
    Node.Round round(int node) {
        return (Node.Round) nodes[node];
    }

    boolean isEnd(int node) {
        return nodes[node] instanceof Node.End;
    }
}
