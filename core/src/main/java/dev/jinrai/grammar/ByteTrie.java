package dev.jinrai.grammar;

import java.util.Arrays;
import java.util.List;

/// The bytes of tokens as a tree, its nodes in the order in which a walk from the top sees them, so that a walk is a loop over arrays
/// that skips what it need not see. Immutable.
final class ByteTrie {
    final int size;

    /// Of each node its byte.
    final byte[] labels;

    /// Of each node how many bytes lead to it, from 1.
    final int[] depths;

    /// Of each node the first behind all below it.
    final int[] ends;

    /// Of each node where its tokens begin in [#ids]; they end where the next node's begin.
    final int[] firsts;

    final int[] ids;
    final int deepest;

    /// One token and its bytes, at least one.
    @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
    record Token(int id, byte[] bytes) {}

    ByteTrie(List<Token> tokens) {
        List<Token> sorted =
                tokens.stream()
                        .sorted((a, b) -> Arrays.compareUnsigned(a.bytes(), b.bytes()))
                        .toList();
        int most = tokens.stream().mapToInt(t -> t.bytes().length).sum();
        byte[] bytes = new byte[most];
        int[] depthOf = new int[most];
        int[] endOf = new int[most];
        int[] firstOf = new int[most + 1];
        ids = new int[sorted.size()];
        deepest = tokens.stream().mapToInt(t -> t.bytes().length).max().orElse(0);
        int[] path = new int[deepest + 1];
        byte[] before = {};
        int nodes = 0;
        for (int i = 0; i < ids.length; i++) {
            byte[] token = sorted.get(i).bytes();
            ids[i] = sorted.get(i).id();
            int same = Arrays.mismatch(before, token);
            int shared = same < 0 ? token.length : same;
            for (int depth = before.length; depth > shared; depth--) {
                endOf[path[depth]] = nodes;
            }
            for (int depth = shared + 1; depth <= token.length; depth++) {
                bytes[nodes] = token[depth - 1];
                depthOf[nodes] = depth;
                firstOf[nodes] = i;
                path[depth] = nodes++;
            }
            before = token;
        }
        for (int depth = before.length; depth > 0; depth--) {
            endOf[path[depth]] = nodes;
        }
        firstOf[nodes] = ids.length;
        size = nodes;
        labels = Arrays.copyOf(bytes, nodes);
        depths = Arrays.copyOf(depthOf, nodes);
        ends = Arrays.copyOf(endOf, nodes);
        firsts = Arrays.copyOf(firstOf, nodes + 1);
    }

    /// {@return the node below `node`, or at the top for −1, to which a byte leads; −1 if there is none}
    int child(int node, int b) {
        int end = node < 0 ? size : ends[node];
        for (int child = node + 1; child < end; child = ends[child]) {
            if ((labels[child] & 0xFF) == b) {
                return child;
            }
        }
        return -1;
    }

    /// {@return whether a token ends at a node}
    boolean hasToken(int node) {
        return firsts[node] < firsts[node + 1];
    }
}
