package dev.jinrai.sampler;

import dev.jinrai.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// The texts that end a sequence for [Dry], as tokens: one whose text contains a breaker, or one that ends with its beginning,
/// followed by the tokens of its rest. What a rest is cut to, and how it is encoded, is as in llama.cpp.
final class Breakers {
    static final Breakers NONE = new Breakers(new TreeMap<>());

    private static final int MOST_BYTES = 40;
    private static final int MOST_TOKENS = 20;
    private static final int[] ALONE = {};
    private static final int[][] NOTHING = {};

    /// First tokens, rising.
    private final int[] heads;

    /// For each of them: what may follow it.
    private final int[][][] rests;

    private Breakers(SortedMap<Integer, List<int[]>> rests) {
        this.heads = rests.keySet().stream().mapToInt(id -> id).toArray();
        this.rests =
                rests.values().stream().map(r -> r.toArray(int[][]::new)).toArray(int[][][]::new);
    }

    /// @param texts none empty
    static Breakers of(List<String> texts, Tokenizer tokenizer) {
        SortedMap<Integer, List<int[]>> rests = new TreeMap<>();
        List<byte[]> all = texts.stream().map(Breakers::bytes).toList();
        int size = tokenizer.vocabulary().size();
        for (int id = 0; id < size; id++) {
            byte[] piece = tokenizer.piece(id, true);
            for (byte[] text : all) {
                List<int[]> found = rests(piece, text, tokenizer);
                if (!found.isEmpty()) {
                    rests.computeIfAbsent(id, _ -> new ArrayList<>()).addAll(found);
                }
            }
        }
        return new Breakers(rests);
    }

    private static byte[] bytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(bytes, Math.min(bytes.length, MOST_BYTES));
    }

    /// {@return what of a breaker may follow a token; [#ALONE] where all of it is in its text}
    private static List<int[]> rests(byte[] piece, byte[] text, Tokenizer tokenizer) {
        List<int[]> found = new ArrayList<>();
        for (int at = 0; at < piece.length; at++) {
            int end = Math.min(text.length, piece.length - at);
            if (!Arrays.equals(piece, at, at + end, text, 0, end)) {
                continue;
            }
            if (end == text.length) {
                return List.of(ALONE);
            }
            if ((text[end] & 0xC0) != 0x80) { // not within a character
                String rest = new String(text, end, text.length - end, StandardCharsets.UTF_8);
                int[] ids = tokenizer.encode(rest, false, false);
                found.add(ids.length <= MOST_TOKENS ? ids : Arrays.copyOf(ids, MOST_TOKENS));
            }
        }
        return found;
    }

    boolean breaksAlone(int token) {
        for (int[] rest : after(token)) {
            if (rest.length == 0) {
                return true;
            }
        }
        return false;
    }

    private int[][] after(int token) {
        int at = Arrays.binarySearch(heads, token);
        return at < 0 ? NOTHING : rests[at];
    }

    /// {@return how many of the last `recent` tokens follow the last breaker; `recent` where there is none}
    int sinceLast(History history, int recent) {
        for (int i = 0; i < recent; i++) {
            int longest = -1;
            for (int[] rest : after(history.back(i))) {
                if (rest.length > longest && rest.length <= i && follows(rest, i, history)) {
                    longest = rest.length;
                }
            }
            if (longest >= 0) {
                return i - longest;
            }
        }
        return recent;
    }

    private static boolean follows(int[] rest, int back, History history) {
        for (int k = 0; k < rest.length; k++) {
            if (rest[k] != history.back(back - 1 - k)) {
                return false;
            }
        }
        return true;
    }
}
