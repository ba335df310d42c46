package dev.jinrai.tokenizer;

import dev.jinrai.json.JsonNode;
import dev.jinrai.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The model `BPE` of a `tokenizer.json`: letters of a piece are merged, in the order of a list
/// ([PairMerge]). Unlike in [Merges], what is merged is always a token.
///
/// A letter that is no token becomes its bytes, `<0xE2>`, if `byte_fallback` says so and all of them are tokens, or else the
/// unknown token, one for a run of them with `fuse_unk`; without an unknown token it is left out.
/// With `ignore_merges` a piece that is a token is that token.
///
/// Source: Sennrich et al. 2016, arXiv:1508.07909; `models/bpe` in Hugging Face's tokenizers.
final class HuggingFaceBpe implements PieceModel {
    /// Every letter of a text may get its affixes; those of published files have four characters at most.
    private static final int LONGEST_AFFIX = 64;

    private static final int NONE = PairMerge.NONE;
    private static final int SHORT = 32; // UTF-16 units; cutting shorter pieces is not worth it

    private static final byte UNKNOWN = 0;
    private static final byte MERGES_TO_ITSELF = 1;
    private static final byte DOES_NOT = 2;

    private final PieceVocabulary tokens;
    private final TokenIndex index;
    private final PairTable pairs;
    private final int[] letters = new int[1 << 16];
    private final int[] byteIds = new int[256];
    private final String prefix;
    private final String suffix;
    private final @Nullable String unknown;
    private final boolean fuseUnknown;
    private final boolean byteFallback;
    private final boolean ignoreMerges;
    private final @Nullable Seams seams; // where a piece may be cut without changing its tokens

    /// Whether merging a token's letters ends with this token, found out when it is first met.
    /// Threads may find out the same at the same time, and they find the same.
    private final byte[] words;

    HuggingFaceBpe(Vocabulary vocabulary, PieceVocabulary tokens, JsonNode model) {
        this.tokens = tokens;
        if (model.find("dropout").map(JsonNode::real).orElse(0.0) != 0) {
            throw model.get("dropout").wrong("merges left out at random are not supported");
        }
        prefix = affix(model, "continuing_subword_prefix");
        suffix = affix(model, "end_of_word_suffix");
        unknown = model.find("unk_token").map(JsonNode::text).orElse(null);
        fuseUnknown = model.flag("fuse_unk", false);
        byteFallback = model.flag("byte_fallback", false);
        ignoreMerges = model.flag("ignore_merges", false);
        BitSet found = new BitSet();
        tokens.ids().forEach((text, id) -> found.set(id, !text.isEmpty()));
        index = new TokenIndex(vocabulary, found::get);
        words = new byte[vocabulary.size()];
        for (int c = 0; c < letters.length; c++) {
            letters[c] = tokens.find(Character.toString(c)).orElse(NONE);
        }
        for (int b = 0; b < byteIds.length; b++) {
            byteIds[b] = tokens.find(ByteToken.text(b)).orElse(NONE);
        }
        pairs = pairs(model.get("merges"));
        boolean whole = !prefix.isEmpty() || !suffix.isEmpty() || mergesWhatIsNotText();
        seams = whole ? null : new Seams(tokens.ids().keySet());
    }

    private static String affix(JsonNode model, String key) {
        String affix = model.text(key, "");
        if (affix.length() > LONGEST_AFFIX) {
            throw model.get(key)
                    .wrong(
                            "wanted at most %d characters, got %d"
                                    .formatted(LONGEST_AFFIX, affix.length()));
        }
        return affix;
    }

    private PairTable pairs(JsonNode node) {
        List<JsonNode> merges = new ArrayList<>(node.items());
        merges.removeIf(merge ->
                merge.value() instanceof JsonValue.Text(String line)
                        && line.startsWith("#version"));
        PairTable table = new PairTable(merges.size());
        for (int rank = merges.size() - 1; rank >= 0; rank--) { // of equal pairs the last counts
            JsonNode merge = merges.get(rank);
            List<String> sides = sides(merge);
            String left = sides.get(0);
            String right = sides.get(1);
            int first = id(merge, left);
            int second = id(merge, right);
            if (!right.startsWith(prefix)) {
                throw merge.wrong(
                        "%s does not begin with %s"
                                .formatted(
                                        TokenizerException.quote(right),
                                        TokenizerException.quote(prefix)));
            }
            table.add(first, second, rank, id(merge, left + right.substring(prefix.length())));
        }
        return table;
    }

    /// `"Ġt he"` or `["Ġt", "he"]`
    private static List<String> sides(JsonNode merge) {
        List<String> sides =
                merge.value() instanceof JsonValue.Text(String line)
                        ? Arrays.asList(line.split(" ", -1))
                        : merge.items().stream().map(JsonNode::text).toList();
        if (sides.size() != 2) {
            throw merge.wrong("wanted two texts, got %d".formatted(sides.size()));
        }
        return sides;
    }

    private int id(JsonNode merge, String text) {
        return tokens.find(text)
                .orElseThrow(() ->
                        merge.wrong(
                                "%s is no token of the vocabulary"
                                        .formatted(TokenizerException.quote(text))));
    }

    /// Whether a merge begins with an unknown token or a byte: then what is merged is not always
    /// what stands in the text.
    private boolean mergesWhatIsNotText() {
        BitSet other = new BitSet();
        if (unknown != null) {
            tokens.find(unknown).ifPresent(other::set);
        }
        if (byteFallback) {
            Arrays.stream(byteIds).filter(id -> id != NONE).forEach(other::set);
        }
        return pairs.anyOf(other);
    }

    /// The token of the unknown, if the file names one.
    Optional<String> unknown() {
        return Optional.ofNullable(unknown);
    }

    @Override
    public Encoder encoder(IntList ids) {
        return new Merging(ids);
    }

    private final class Merging implements Encoder {
        private final IntList ids;
        private final PairMerge merge = new PairMerge(pairs);
        private char[] text = new char[64];
        private int symbols;

        Merging(IntList ids) {
            this.ids = ids;
        }

        @Override
        public void add(String piece) {
            int length = piece.length();
            if (text.length < length) {
                text = new char[Math.max(length, 2 * text.length)];
            }
            piece.getChars(0, length, text, 0);
            int id = NONE;
            if (length <= index.longest()) {
                id = index.find(TokenIndex.hash(text, 0, length), text, 0, length);
            }
            if (id != NONE && (ignoreMerges || words[id] == MERGES_TO_ITSELF)) {
                ids.add(id);
                return;
            }
            int before = ids.size();
            if (seams != null && length > SHORT) {
                stretches(seams, length);
            } else {
                stretch(0, length);
            }
            if (id != NONE && words[id] == UNKNOWN) {
                boolean itself = ids.size() == before + 1 && ids.get(before) == id;
                words[id] = itself ? MERGES_TO_ITSELF : DOES_NOT;
            }
        }

        private void stretches(Seams where, int length) {
            int from = 0;
            for (int i = 1; i < length; i++) {
                if (where.between(text[i - 1], text[i])
                        && letters[text[i - 1]] != NONE
                        && letters[text[i]] != NONE) {
                    stretch(from, i);
                    from = i;
                }
            }
            stretch(from, length);
        }

        private void stretch(int from, int to) {
            spell(from, to);
            if (symbols == 0) {
                return;
            }
            merge.merge(to);
            for (int place = merge.first(); place != NONE; place = merge.next(place)) {
                ids.add(merge.symbol(place));
            }
        }

        private void spell(int from, int to) {
            int affixes = prefix.length() + suffix.length();
            merge.begin(Math.multiplyExact(3 * (affixes + 1), to - from));
            symbols = 0;
            int pending = NONE; // an unknown token, behind which nothing came yet
            int next;
            for (int i = from; i < to; i = next) {
                int c = Character.codePointAt(text, i);
                next = i + Character.charCount(c);
                int id = letter(c, i == from, next == to);
                if (id != NONE) {
                    pending = flush(pending, i);
                    symbol(id, i);
                } else if (unknown != null
                        && !(byteFallback && bytes(c, i == from, next == to, i))) {
                    if (pending == NONE || !fuseUnknown) {
                        flush(pending, i);
                        pending = unknownId(unknown);
                    }
                } else if (unknown == null && byteFallback) {
                    bytes(c, i == from, next == to, i);
                }
            }
            flush(pending, to);
        }

        private int flush(int pending, int place) {
            if (pending != NONE) {
                symbol(pending, place);
            }
            return NONE;
        }

        private void symbol(int id, int place) {
            merge.add(id, place);
            symbols++;
        }

        private int letter(int c, boolean first, boolean last) {
            boolean plain = (first || prefix.isEmpty()) && (!last || suffix.isEmpty());
            return plain && c < letters.length
                    ? letters[c]
                    : tokens.find(written(c, first, last)).orElse(NONE);
        }

        private String written(int c, boolean first, boolean last) {
            return (first ? "" : prefix) + Character.toString(c) + (last ? suffix : "");
        }

        private boolean bytes(int c, boolean first, boolean last, int place) {
            byte[] utf8 = written(c, first, last).getBytes(StandardCharsets.UTF_8);
            for (byte b : utf8) {
                if (byteIds[b & 0xFF] == NONE) {
                    return false;
                }
            }
            for (byte b : utf8) {
                symbol(byteIds[b & 0xFF], place);
            }
            return true;
        }

        private int unknownId(String token) {
            return tokens.find(token)
                    .orElseThrow(() ->
                            new TokenizerException(
                                    "the vocabulary has no token for a letter of the text, and"
                                            + " that for the unknown, %s, is none of it"
                                                    .formatted(TokenizerException.quote(token))));
        }
    }
}
