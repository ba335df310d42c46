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
/// Done as it is said, every token searches the whole text. Here one walk finds the longest token
/// at each place ([AhoCorasick]). It waits for its turn; if its place is no longer free then, the
/// next shorter one that begins there waits instead.
final class SpecialTokens {
    private static final int NONE = AhoCorasick.NONE;

    /// The bytes a token may have: no special token is a book.
    private static final int LONGEST = 1 << 16;

    private final Vocabulary vocabulary;

    // The tokens in the order of their turns.
    private final int[] ids;
    private final int[] lengths; // in UTF-16 units
    private final boolean[] userDefined;
    private final AhoCorasick finder; // knows a token by its turn

    /// All of a vocabulary.
    ///
    /// @throws TokenizerException if one is too long to be searched for
    static SpecialTokens of(Vocabulary vocabulary) {
        Set<TokenType> types =
                EnumSet.of(TokenType.CONTROL, TokenType.UNKNOWN, TokenType.USER_DEFINED);
        return new SpecialTokens(
                vocabulary,
                IntStream.range(0, vocabulary.size())
                        .filter(id -> types.contains(vocabulary.type(id)))
                        .toArray());
    }

    /// @param ids the special tokens, in any order
    SpecialTokens(Vocabulary vocabulary, int[] ids) {
        this.vocabulary = vocabulary;
        record Token(int id, int bytes) {}
        List<Token> order =
                Arrays.stream(ids)
                        .mapToObj(id -> new Token(id, bytes(vocabulary, id)))
                        .sorted(
                                Comparator.comparingInt(Token::bytes)
                                        .reversed()
                                        .thenComparingInt(Token::id))
                        .toList();
        this.ids = order.stream().mapToInt(Token::id).toArray();
        List<String> texts = order.stream().map(token -> vocabulary.text(token.id)).toList();
        lengths = texts.stream().mapToInt(String::length).toArray();
        userDefined = new boolean[ids.length];
        for (int turn = 0; turn < ids.length; turn++) {
            userDefined[turn] = vocabulary.type(this.ids[turn]) == TokenType.USER_DEFINED;
        }
        finder = new AhoCorasick(texts);
    }

    private static int bytes(Vocabulary vocabulary, int id) {
        int bytes = vocabulary.text(id).getBytes(StandardCharsets.UTF_8).length;
        if (bytes > LONGEST) {
            throw new TokenizerException(
                    "token %d has %d bytes; of type %s it may have %d, because texts are searched for it"
                            .formatted(id, bytes, vocabulary.type(id), LONGEST));
        }
        return bytes;
    }

    /// {@return the text in order: special tokens and what lies between them}
    ///
    /// White space that a special token takes away is in no fragment.
    ///
    /// @param all find all special tokens, not only those that a user defined
    List<Fragment> partition(char[] text, boolean all) {
        LongHeap waiting = waiting(text, all);
        if (waiting.isEmpty()) {
            return text.length == 0 ? List.of() : List.of(new Fragment.Text(0, text.length));
        }
        BitSet taken = new BitSet(text.length);
        List<Place> places = new ArrayList<>();
        while (!waiting.isEmpty()) {
            long candidate = waiting.pop();
            int turn = (int) (candidate >>> 32);
            int start = (int) candidate;
            if (taken.get(start)) {
                continue;
            }
            if (isFree(start, turn, taken)) {
                take(text, start, turn, taken);
                places.add(new Place(start, turn));
                continue;
            }
            int next = finder.shorter(turn);
            while (next != NONE && !(isFree(start, next, taken) && isFound(next, all))) {
                next = finder.shorter(next);
            }
            if (next != NONE) {
                waiting.push(candidate(start, next));
            }
        }
        places.sort(Comparator.comparingInt(Place::start));
        return fragments(text.length, places, taken);
    }

    /// Where a token has taken its place.
    private record Place(int start, int turn) {}

    /// Candidates come in the order of their turns, those of one token from left to right.
    private static long candidate(int start, int turn) {
        return (long) turn << 32 | start;
    }

    private boolean isFound(int turn, boolean all) {
        return all || userDefined[turn];
    }

    /// The longest token that begins at each place.
    private LongHeap waiting(char[] text, boolean all) {
        LongHeap waiting = new LongHeap();
        int node = AhoCorasick.START;
        for (int start = text.length - 1; start >= 0; start--) {
            if (node == AhoCorasick.START && !finder.ends(text[start])) {
                continue; // nearly always
            }
            node = finder.next(node, text[start]);
            int turn = finder.longest(node);
            while (turn != NONE && !isFound(turn, all)) {
                turn = finder.shorter(turn);
            }
            if (turn != NONE) {
                waiting.push(candidate(start, turn));
            }
        }
        return waiting;
    }

    /// Whether no token has taken any of a place whose start is free. What was taken before is at
    /// least as long, so it does not lie within the place, and covers its end.
    private boolean isFree(int start, int turn, BitSet taken) {
        return !taken.get(start + lengths[turn] - 1);
    }

    private void take(char[] text, int start, int turn, BitSet taken) {
        int end = start + lengths[turn];
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
