package dev.jinrai.tokenizer;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// A trie of texts by their UTF-16 units: from the root, a letter leads to the next node, and a
/// node at which a text ends knows its place in the list. Immutable.
///
/// Nodes are numbers; an edge is found by hashing node and letter, in a table at most half full.
final class LetterTrie {
    static final int ROOT = 0;
    static final int NONE = -1;

    private final BitSet firstLetters = new BitSet();
    private final long[] edges; // 0 is a free slot
    private final int[] targets;
    private final int[] texts; // by node
    private int nodes = 1;

    /// @param list texts, none of them empty; of equal ones the last counts
    LetterTrie(List<String> list) {
        int letters = Math.toIntExact(list.stream().mapToLong(String::length).sum());
        edges = new long[Math.multiplyExact(Integer.highestOneBit(letters + 1), 4)];
        targets = new int[edges.length];
        texts = new int[letters + 1];
        Arrays.fill(texts, NONE);
        for (int place = 0; place < list.size(); place++) {
            insert(list.get(place), place);
        }
    }

    private void insert(String text, int place) {
        firstLetters.set(text.charAt(0));
        int node = ROOT;
        for (int i = 0; i < text.length(); i++) {
            int slot = slot(node, text.charAt(i));
            if (edges[slot] == 0) {
                edges[slot] = edge(node, text.charAt(i));
                targets[slot] = nodes++;
            }
            node = targets[slot];
        }
        texts[node] = place;
    }

    /// {@return whether a text begins with this letter}
    boolean begins(char letter) {
        return firstLetters.get(letter);
    }

    /// {@return the node that a letter leads to, `NONE` if no text goes on like this}
    int child(int node, char letter) {
        int slot = slot(node, letter);
        return edges[slot] == 0 ? NONE : targets[slot];
    }

    /// {@return the place in the list of the text that ends at a node, `NONE` if none does}
    int text(int node) {
        return texts[node];
    }

    /// The slot of an edge, or the free one where it would go.
    private int slot(int node, char letter) {
        long edge = edge(node, letter);
        int mask = edges.length - 1;
        int slot = (int) ((edge * 0x9E3779B97F4A7C15L) >>> 32) & mask;
        while (edges[slot] != 0 && edges[slot] != edge) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private static long edge(int node, char letter) {
        return ((long) node << 16 | letter) + 1;
    }
}
