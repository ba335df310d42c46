package dev.jinrai.grammar;

import dev.jinrai.tokenizer.TokenType;
import dev.jinrai.tokenizer.Tokenizer;
import dev.jinrai.tokenizer.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;

/// A vocabulary as a grammar sees it: the bytes that each token prints in an answer. Immutable.
///
/// Tokens that print nothing, control tokens and those that end an answer spell nothing.
final class Lexicon {
    private static final byte[] NOTHING = {};

    final int size;

    /// The tokens, apart by how many bytes they have: what long ones see of a text, most do not.
    final List<ByteTrie> tries;

    final int[] ends;
    private final byte[][] bytes;
    private final int[] single = new int[256];
    private final Tokenizer tokenizer;

    Lexicon(Tokenizer tokenizer) {
        Vocabulary vocabulary = tokenizer.vocabulary();
        this.tokenizer = tokenizer;
        this.size = vocabulary.size();
        this.ends = vocabulary.endOfGeneration();
        this.bytes = new byte[size][];
        Arrays.fill(single, -1);
        BitSet ending = new BitSet();
        Arrays.stream(ends).forEach(ending::set);
        List<List<ByteTrie.Token>> lengths = new ArrayList<>();
        for (int id = 0; id < size; id++) {
            boolean spells = !ending.get(id) && isText(vocabulary.type(id));
            bytes[id] = spells ? tokenizer.piece(id, false) : NOTHING;
            if (bytes[id].length == 1 && single[bytes[id][0] & 0xFF] < 0) {
                single[bytes[id][0] & 0xFF] = id;
            }
            if (bytes[id].length > 0) {
                int level = level(bytes[id].length);
                while (lengths.size() <= level) {
                    lengths.add(new ArrayList<>());
                }
                lengths.get(level).add(new ByteTrie.Token(id, bytes[id]));
            }
        }
        tries = lengths.stream().filter(some -> !some.isEmpty()).map(ByteTrie::new).toList();
    }

    /// {@return which tree holds tokens of a length: those of up to 16 bytes the first, of up to 32 the next, then always twice as many}
    private static int level(int length) {
        return Math.max(0, 28 - Integer.numberOfLeadingZeros(length - 1));
    }

    private static boolean isText(TokenType type) {
        return switch (type) {
            case NORMAL, USER_DEFINED, BYTE -> true;
            case UNDEFINED, UNKNOWN, CONTROL, UNUSED -> false;
        };
    }

    /// {@return what a token prints; nothing where it spells nothing}
    byte[] bytes(int id) {
        return bytes[id];
    }

    /// {@return whether there is a token of this byte alone}
    boolean hasByte(int b) {
        return single[b] >= 0;
    }

    /// {@return whether a token other than this one prints something}
    boolean hasOther(int id) {
        for (int other = 0; other < size; other++) {
            if (other != id && bytes[other].length > 0) {
                return true;
            }
        }
        return false;
    }

    boolean isEnd(int id) {
        return Arrays.binarySearch(ends, id) >= 0;
    }

    int longest() {
        return tries.isEmpty() ? 0 : tries.getLast().deepest;
    }

    /// {@return the id of a token that a grammar names: `<[17]>` by its id, `<think>` by its text}
    ///
    /// @throws GrammarException if there is none, or the text is of several tokens
    int named(String name) {
        if (name.startsWith("<[")) {
            int id = Integer.parseInt(name.substring(2, name.length() - 2));
            if (id >= size) {
                throw new GrammarException(
                        "the grammar names token %s, and the vocabulary has %d tokens"
                                .formatted(name, size));
            }
            return id;
        }
        OptionalInt exact = tokenizer.vocabulary().find(name);
        if (exact.isPresent()) {
            return exact.getAsInt();
        }
        int[] ids = tokenizer.encode(name, false, true);
        if (ids.length != 1) {
            throw new GrammarException(
                    "the grammar names token %s, which is %d tokens of the vocabulary"
                            .formatted(name, ids.length));
        }
        return ids[0];
    }
}
