package dev.jinrai.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// Cuts a text at the special tokens written out in it.
///
/// The rule is llama.cpp's: token by token, from the longest in UTF-8 bytes to the shortest, each
/// takes all its places, from left to right, in what the tokens before it have left. So in
/// `xabcdef` the token `bcdef` wins over `xabc`, though that begins first. Tokens of equal length
/// take turns in the order of their ids (llama.cpp leaves that to an unstable sort).
///
/// Done as it is said, every token searches the whole text. Here one walk with a trie finds the
/// places where any token stands, and the rule is applied to these places only. What is left to pay
/// is the walk: at worst the letters of the text times the length of the longest token.
final class SpecialTokens {
    private static final int ROOT = LetterTrie.ROOT;
    private static final int NONE = LetterTrie.NONE;

    private final Vocabulary vocabulary;

    // The tokens in the order of their turns; those of one group are equally long in bytes.
    private final int[] ids;
    private final int[] lengths; // in UTF-16 units
    private final int[] groups;

    private final LetterTrie trie; // knows a token by its turn

    /// All that are found when special tokens are parsed.
    static SpecialTokens all(Vocabulary vocabulary) {
        return ofTypes(
                vocabulary,
                EnumSet.of(TokenType.CONTROL, TokenType.UNKNOWN, TokenType.USER_DEFINED));
    }

    /// Those that are found in any case.
    static SpecialTokens userDefined(Vocabulary vocabulary) {
        return ofTypes(vocabulary, EnumSet.of(TokenType.USER_DEFINED));
    }

    private static SpecialTokens ofTypes(Vocabulary vocabulary, Set<TokenType> types) {
        int[] ids =
                IntStream.range(0, vocabulary.size())
                        .filter(id -> types.contains(vocabulary.type(id)))
                        .toArray();
        return new SpecialTokens(vocabulary, ids);
    }

    /// @param ids the special tokens, in any order
    SpecialTokens(Vocabulary vocabulary, int[] ids) {
        this.vocabulary = vocabulary;
        record Token(int id, int bytes) {}
        List<Token> order =
                Arrays.stream(ids)
                        .mapToObj(id -> new Token(id, utf8Length(vocabulary.text(id))))
                        .sorted(
                                Comparator.comparingInt(Token::bytes)
                                        .reversed()
                                        .thenComparingInt(Token::id))
                        .toList();
        this.ids = order.stream().mapToInt(Token::id).toArray();
        lengths = Arrays.stream(this.ids).map(id -> vocabulary.text(id).length()).toArray();
        groups = new int[ids.length];
        for (int turn = 1; turn < ids.length; turn++) {
            boolean shorter = order.get(turn).bytes < order.get(turn - 1).bytes;
            groups[turn] = groups[turn - 1] + (shorter ? 1 : 0);
        }
        trie = new LetterTrie(Arrays.stream(this.ids).mapToObj(vocabulary::text).toList());
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /// {@return the text in order: special tokens and what lies between them}
    ///
    /// White space that a special token takes away is in no fragment.
    List<Fragment> partition(char[] text) {
        IntList starts = new IntList(16);
        BitSet present = new BitSet();
        find(text, starts, present);
        if (starts.size() == 0) {
            return text.length == 0 ? List.of() : List.of(new Fragment.Text(0, text.length));
        }
        BitSet taken = new BitSet(text.length);
        List<Place> places = new ArrayList<>();
        long[] candidates = new long[starts.size()];
        for (int group = present.nextSetBit(0); group >= 0; group = present.nextSetBit(group + 1)) {
            int count = candidates(text, starts, group, taken, candidates);
            Arrays.sort(candidates, 0, count);
            for (int i = 0; i < count; i++) {
                int turn = (int) (candidates[i] >>> 32);
                int start = (int) candidates[i];
                if (take(text, start, turn, taken)) {
                    places.add(new Place(start, turn));
                }
            }
        }
        places.sort(Comparator.comparingInt(Place::start));
        return fragments(text.length, places, taken);
    }

    /// Where a token has taken its place.
    private record Place(int start, int turn) {}

    /// Finds where tokens begin, and the groups they are of.
    private void find(char[] text, IntList starts, BitSet present) {
        for (int start = 0; start < text.length; start++) {
            if (!trie.begins(text[start])) {
                continue;
            }
            boolean any = false;
            int node = ROOT;
            for (int i = start;
                    i < text.length && (node = trie.child(node, text[i])) != NONE;
                    i++) {
                if (trie.text(node) != NONE) {
                    present.set(groups[trie.text(node)]);
                    any = true;
                }
            }
            if (any) {
                starts.add(start);
            }
        }
    }

    /// Collects the places of one group that may still be free, as turn and start in one `long`.
    private int candidates(char[] text, IntList starts, int group, BitSet taken, long[] found) {
        int count = 0;
        for (int s = 0; s < starts.size(); s++) {
            int start = starts.get(s);
            if (taken.get(start)) {
                continue;
            }
            int node = ROOT;
            for (int i = start;
                    i < text.length && (node = trie.child(node, text[i])) != NONE;
                    i++) {
                int turn = trie.text(node);
                if (turn != NONE && groups[turn] == group) {
                    found[count++] = (long) turn << 32 | start;
                    break; // of texts with one beginning only one has this length in bytes
                }
            }
        }
        return count;
    }

    private boolean take(char[] text, int start, int turn, BitSet taken) {
        int end = start + lengths[turn];
        for (int i = start; i < end; i++) {
            if (taken.get(i)) {
                return false;
            }
        }
        taken.set(start, end);
        if (vocabulary.stripsLeft(ids[turn])) {
            for (int i = start - 1; i >= 0 && !taken.get(i) && isSpace(text[i]); i--) {
                taken.set(i);
            }
        }
        if (vocabulary.stripsRight(ids[turn])) {
            for (int i = end; i < text.length && !taken.get(i) && isSpace(text[i]); i++) {
                taken.set(i);
            }
        }
        return true;
    }

    /// C's `isspace`: no white space beyond ASCII.
    private static boolean isSpace(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }

    private List<Fragment> fragments(int length, List<Place> places, BitSet taken) {
        List<Fragment> fragments = new ArrayList<>(2 * places.size() + 1);
        int end = 0;
        for (Place place : places) {
            addText(end, place.start, taken, fragments);
            fragments.add(new Fragment.Special(ids[place.turn]));
            end = place.start + lengths[place.turn];
        }
        addText(end, length, taken, fragments);
        return fragments;
    }

    /// Adds what is left between two special tokens; only at its edges white space was taken.
    private static void addText(int from, int to, BitSet taken, List<Fragment> fragments) {
        int start = from;
        int end = to;
        while (start < end && taken.get(start)) {
            start++;
        }
        while (start < end && taken.get(end - 1)) {
            end--;
        }
        if (start < end) {
            fragments.add(new Fragment.Text(start, end));
        }
    }
}
