package dev.jinrai.tokenizer;

import dev.jinrai.tokenizer.pipeline.Letters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Cuts a text at added tokens, as Hugging Face's tokenizers do: from left to right, of those that
/// begin at one place the longest. Immutable.
///
/// A token that is then refused, because it is special and these are not wanted or because it is
/// part of a word, has taken its place all the same: none is found within it.
///
/// Source: `tokenizer/added_vocabulary.rs` in Hugging Face's tokenizers.
final class AddedTokens {
    private static final int NONE = AhoCorasick.NONE;

    private final List<Entry> entries;
    private final AhoCorasick finder;

    /// A token, its id, and the text that is looked for.
    record Entry(AddedToken token, int id, String text) {}

    /// @param entries no two with the same text, none of them empty
    AddedTokens(List<Entry> entries) {
        this.entries = List.copyOf(entries);
        finder = new AhoCorasick(entries.stream().map(Entry::text).toList());
    }

    /// {@return the text in order: added tokens and what lies between them}
    ///
    /// @param special whether special ones are found
    List<Fragment> partition(String text, boolean special) {
        int[] longest = longest(text);
        if (longest.length == 0) {
            return text.isEmpty() ? List.of() : List.of(new Fragment.Text(0, text.length()));
        }
        List<Fragment> fragments = new ArrayList<>();
        int done = 0;
        int run = 0; // the end of the white space that was walked through last
        int next;
        for (int at = 0; at < text.length(); at = next) {
            next = at + 1;
            if (longest[at] == NONE) {
                continue;
            }
            Entry entry = entries.get(longest[at]);
            next = at + entry.text.length();
            AddedToken token = entry.token;
            if ((token.special() && !special)
                    || (token.singleWord() && !standsAlone(text, at, next))) {
                continue;
            }
            int start = token.stripsLeft() ? beforeSpace(text, at, done) : at;
            if (done < start) {
                fragments.add(new Fragment.Text(done, start));
            }
            fragments.add(new Fragment.Special(entry.id));
            if (token.stripsRight() && next >= run) {
                run = behindSpace(text, next);
            }
            done = token.stripsRight() ? run : next;
        }
        if (done < text.length()) {
            fragments.add(new Fragment.Text(done, text.length()));
        }
        return fragments;
    }

    /// {@return the longest text that begins at each place, `NONE` if none does; nothing if none does anywhere}
    private int[] longest(String text) {
        int[] longest = {};
        int node = AhoCorasick.START;
        for (int at = text.length() - 1; at >= 0; at--) {
            if (node == AhoCorasick.START && !finder.ends(text.charAt(at))) {
                continue; // nearly always
            }
            node = finder.next(node, text.charAt(at));
            int found = finder.longest(node);
            if (found != NONE) {
                if (longest.length == 0) {
                    longest = new int[text.length()];
                    Arrays.fill(longest, NONE);
                }
                longest[at] = found;
            }
        }
        return longest;
    }

    private static boolean standsAlone(String text, int start, int end) {
        return (start == 0 || !Letters.isWord(text.codePointBefore(start)))
                && (end == text.length() || !Letters.isWord(text.codePointAt(end)));
    }

    /// @param least what is before it is another token's
    private static int beforeSpace(String text, int from, int least) {
        int at = from;
        while (at > least && Letters.isSpace(text.charAt(at - 1))) {
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
