package dev.jinrai.tokenizer;

import dev.jinrai.tokenizer.pipeline.Letters;
import java.util.ArrayList;
import java.util.List;

/// Cuts a text at added tokens, as Hugging Face's tokenizers do: from left to right, of those that
/// begin at one place the longest. Immutable.
///
/// A token that is then refused, because it is special and these are not wanted or because it is
/// part of a word, has taken its place all the same: none is found within it.
///
/// Source: `tokenizer/added_vocabulary.rs` in Hugging Face's tokenizers.
final class AddedTokens {
    private static final int NONE = LetterTrie.NONE;

    private final List<Entry> entries;
    private final LetterTrie trie;

    /// A token, its id, and the text that is looked for.
    record Entry(AddedToken token, int id, String text) {}

    /// @param entries no two with the same text, none of them empty
    AddedTokens(List<Entry> entries) {
        this.entries = List.copyOf(entries);
        trie = new LetterTrie(entries.stream().map(Entry::text).toList());
    }

    /// {@return the text in order: added tokens and what lies between them}
    ///
    /// @param special whether special ones are found
    List<Fragment> partition(String text, boolean special) {
        List<Fragment> fragments = new ArrayList<>();
        int done = 0;
        int next;
        for (int at = 0; at < text.length(); at = next) {
            next = at + 1;
            if (!trie.begins(text.charAt(at))) {
                continue;
            }
            int place = longest(text, at);
            if (place == NONE) {
                continue;
            }
            Entry entry = entries.get(place);
            next = at + entry.text.length();
            AddedToken token = entry.token;
            if ((token.special() && !special)
                    || (token.singleWord() && !standsAlone(text, at, next))) {
                continue;
            }
            int start = token.stripsLeft() ? Math.max(beforeSpace(text, at), done) : at;
            if (done < start) {
                fragments.add(new Fragment.Text(done, start));
            }
            fragments.add(new Fragment.Special(entry.id));
            done = token.stripsRight() ? behindSpace(text, next) : next;
        }
        if (done < text.length()) {
            fragments.add(new Fragment.Text(done, text.length()));
        }
        return fragments;
    }

    private int longest(String text, int from) {
        int found = NONE;
        int node = LetterTrie.ROOT;
        for (int i = from; i < text.length(); i++) {
            node = trie.child(node, text.charAt(i));
            if (node == NONE) {
                break;
            }
            if (trie.text(node) != NONE) {
                found = trie.text(node);
            }
        }
        return found;
    }

    private static boolean standsAlone(String text, int start, int end) {
        return (start == 0 || !Letters.isWord(text.codePointBefore(start)))
                && (end == text.length() || !Letters.isWord(text.codePointAt(end)));
    }

    private static int beforeSpace(String text, int from) {
        int at = from;
        while (at > 0 && Letters.isSpace(text.charAt(at - 1))) {
            at--;
        }
        return at;
    }

    private static int behindSpace(String text, int from) {
        int at = from;
        while (at < text.length() && Letters.isSpace(text.charAt(at))) {
            at++;
        }
        return at;
    }
}
