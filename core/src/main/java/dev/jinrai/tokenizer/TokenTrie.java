package dev.jinrai.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A trie of the bytes of tokens: from the root, a byte leads to the next node, and a node at which
/// a token ends knows it.
///
/// Nodes are numbers; an edge is found by hashing node and byte, in a table at most half full.
/// Mutable while it is filled; then threads may share it.
final class TokenTrie {
    static final int ROOT = 0;
    static final int NONE = -1;

    private long[] edges = new long[1 << 10]; // 0 is a free slot
    private int[] targets = new int[edges.length];
    private int[] ids = new int[256]; // of each node; NONE where no token ends
    private int nodes = 1;

    TokenTrie() {
        Arrays.fill(ids, NONE);
    }

    void insert(String text, int id) {
        int node = ROOT;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            node = childOrNew(node, b);
        }
        ids[node] = id;
    }

    /// {@return the node that a byte leads to, [#NONE] if no token goes on like this}
    int child(int node, byte b) {
        int slot = slot(edge(node, b));
        return edges[slot] == 0 ? NONE : targets[slot];
    }

    /// {@return the token that ends at a node, [#NONE] if none does}
    int id(int node) {
        return ids[node];
    }

    private int childOrNew(int node, byte b) {
        long edge = edge(node, b);
        int slot = slot(edge);
        if (edges[slot] != 0) {
            return targets[slot];
        }
        if (2 * nodes >= edges.length) {
            grow();
            slot = slot(edge);
        }
        if (nodes == ids.length) {
            ids = Arrays.copyOf(ids, 2 * nodes);
            Arrays.fill(ids, nodes, ids.length, NONE);
        }
        edges[slot] = edge;
        targets[slot] = nodes;
        return nodes++;
    }

    private void grow() {
        long[] old = edges;
        int[] oldTargets = targets;
        edges = new long[Math.multiplyExact(2, old.length)];
        targets = new int[edges.length];
        for (int i = 0; i < old.length; i++) {
            if (old[i] != 0) {
                int slot = slot(old[i]);
                edges[slot] = old[i];
                targets[slot] = oldTargets[i];
            }
        }
    }

    /// The slot of an edge, or the free one where it would go.
    private int slot(long edge) {
        int mask = edges.length - 1;
        int slot = (int) ((edge * 0x9E3779B97F4A7C15L) >>> 32) & mask;
        while (edges[slot] != 0 && edges[slot] != edge) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private static long edge(int node, byte b) {
        return ((long) node << 8 | (b & 0xFF)) + 1;
    }
}
