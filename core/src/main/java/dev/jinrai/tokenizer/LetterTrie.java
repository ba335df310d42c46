package dev.jinrai.tokenizer;

import java.util.Arrays;
import java.util.List;

/// A trie of texts by their UTF-16 units: from the root, a letter leads to the next node, and a
/// node at which a text ends knows its place in the list. Immutable.
///
/// Nodes are numbers, parents before their children; an edge is found by hashing node and letter.
/// All tables grow with the nodes there are, about 50 bytes for each.
final class LetterTrie {
    static final int ROOT = 0;
    static final int NONE = -1;

    private static final int MOST_NODES = 1 << 28;

    private final long[] firstLetters = new long[1 << 10]; // a bit for each unit
    private long[] edges = new long[64]; // 0 is a free slot; at most half are taken
    private int[] targets = new int[64];
    private int[] texts = new int[32]; // by node, as the two below
    private int[] parents = new int[32];
    private char[] letters = new char[32];
    private int nodes = 1;

    /// @param list texts, none of them empty; of equal ones the last counts
    LetterTrie(List<String> list) {
        texts[ROOT] = NONE;
        parents[ROOT] = NONE;
        for (int place = 0; place < list.size(); place++) {
            insert(list.get(place), place);
        }
    }

    private void insert(String text, int place) {
        firstLetters[text.charAt(0) >> 6] |= 1L << text.charAt(0);
        int node = ROOT;
        for (int i = 0; i < text.length(); i++) {
            int child = child(node, text.charAt(i));
            node = child != NONE ? child : add(node, text.charAt(i));
        }
        texts[node] = place;
    }

    private int add(int parent, char letter) {
        if (nodes == texts.length) {
            grow();
        }
        int node = nodes++;
        texts[node] = NONE;
        parents[node] = parent;
        letters[node] = letter;
        put(parent, letter, node);
        return node;
    }

    private void put(int node, char letter, int target) {
        int slot = slot(node, letter);
        edges[slot] = edge(node, letter);
        targets[slot] = target;
    }

    private void grow() {
        if (nodes >= MOST_NODES) {
            throw new TokenizerException(
                    "the special tokens have more than %d letters".formatted(MOST_NODES));
        }
        int most = 2 * texts.length;
        texts = Arrays.copyOf(texts, most);
        parents = Arrays.copyOf(parents, most);
        letters = Arrays.copyOf(letters, most);
        edges = new long[2 * most];
        targets = new int[2 * most];
        for (int node = 1; node < nodes; node++) {
            put(parents[node], letters[node], node);
        }
    }

    /// Nodes are the numbers before this one.
    int nodes() {
        return nodes;
    }

    /// {@return whether a text begins with this letter}
    boolean begins(char letter) {
        return (firstLetters[letter >> 6] >>> letter & 1) != 0;
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

    /// {@return the node before this one, `NONE` for the root}
    int parent(int node) {
        return parents[node];
    }

    /// {@return the letter that leads from the parent to this node}
    char letter(int node) {
        return letters[node];
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
