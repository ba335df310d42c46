package dev.jinrai.tokenizer;

import java.util.Arrays;
import java.util.List;

/// Finds, in one walk through a text, which of some texts begin at each place. Immutable.
///
/// The walk goes from the end of the text to its start, through a trie of the texts written
/// backwards. A node is the longest beginning of such a text that stands at the place; where no
/// edge goes on, its fallback is the next shorter one. `n` letters take at most `2·n` steps,
/// whatever the texts are.
///
/// Source: Aho and Corasick 1975, "Efficient string matching: an aid to bibliographic search".
final class AhoCorasick {
    static final int NONE = LetterTrie.NONE;

    /// The node behind the end of the text.
    static final int START = LetterTrie.ROOT;

    private final LetterTrie trie;
    private final int[] fallbacks; // by node
    private final int[] longest; // by node
    private final int[] shorter; // by text

    /// @param texts distinct, none of them empty
    AhoCorasick(List<String> texts) {
        trie = new LetterTrie(texts.stream().map(AhoCorasick::backwards).toList());
        fallbacks = new int[trie.nodes()];
        longest = new int[trie.nodes()];
        shorter = new int[texts.size()];
        longest[START] = NONE;
        for (int node : byDepth()) {
            int parent = trie.parent(node);
            fallbacks[node] = parent == START ? START : next(fallbacks[parent], trie.letter(node));
            int text = trie.text(node);
            int within = longest[fallbacks[node]];
            longest[node] = text == NONE ? within : text;
            if (text != NONE) {
                shorter[text] = within;
            }
        }
    }

    /// Unit by unit: the halves of a surrogate pair change places too.
    private static String backwards(String text) {
        char[] units = new char[text.length()];
        for (int i = 0; i < units.length; i++) {
            units[i] = text.charAt(units.length - 1 - i);
        }
        return new String(units);
    }

    /// The nodes but for the root, those near to it first: a fallback is nearer than its node.
    private int[] byDepth() {
        int nodes = trie.nodes();
        int[] depths = new int[nodes];
        int[] ends = new int[nodes + 1]; // of the nodes of each depth, at first their number
        for (int node = 1; node < nodes; node++) {
            depths[node] = depths[trie.parent(node)] + 1;
            ends[depths[node]]++;
        }
        Arrays.parallelPrefix(ends, Integer::sum);
        int[] order = new int[nodes - 1];
        for (int node = nodes - 1; node > 0; node--) {
            order[--ends[depths[node]]] = node;
        }
        return order;
    }

    /// {@return whether a text ends with this letter, so that [#next] leads on from the start}
    boolean ends(char letter) {
        return trie.begins(letter);
    }

    /// {@return the node for a place}
    ///
    /// @param node the one for the place after it
    /// @param letter what stands there
    int next(int node, char letter) {
        int from = node;
        int child;
        while ((child = trie.child(from, letter)) == NONE && from != START) {
            from = fallbacks[from];
        }
        return child == NONE ? START : child;
    }

    /// {@return the longest text that begins at a node's place, `NONE` if none does}
    int longest(int node) {
        return longest[node];
    }

    /// {@return the longest of the texts that this one begins with, `NONE` if there is none}
    int shorter(int text) {
        return shorter[text];
    }
}
