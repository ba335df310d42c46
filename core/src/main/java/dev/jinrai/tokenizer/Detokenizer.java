package dev.jinrai.tokenizer;

import dev.jinrai.tokenizer.pipeline.Utf8Decoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// Token ids to text, one at a time: what is certain is returned at once, what may still change
/// waits. Mutable; one for each answer.
///
/// A UTF-8 character may be spread over several tokens; its bytes wait until it is whole, so no
/// returned text ends inside one. Bytes that cannot become a character are U+FFFD.
public final class Detokenizer {
    private static final byte[] NOTHING = {};

    private final Tokenizer tokenizer;
    private final IntPredicate special;
    private final OptionalInt bosToRemove;
    private final OptionalInt eosToRemove;
    private final @Nullable SpaceCleanup cleanup;
    private final Utf8Decoder utf8 = new Utf8Decoder();
    private boolean atStart;
    private boolean dropSpace;
    private boolean eosWaits;

    /// What makes whole texts of a Hugging Face tokenizer's tokens, in place of all above.
    private final HuggingFaceTokenizer.@Nullable Decoding decoding;

    private Detokenizer(
            Tokenizer tokenizer,
            IntPredicate special,
            boolean atStart,
            boolean removeSpecial,
            HuggingFaceTokenizer.@Nullable Decoding decoding) {
        Vocabulary vocabulary = tokenizer.vocabulary();
        this.tokenizer = tokenizer;
        this.special = special;
        this.atStart = atStart;
        this.cleanup = atStart && vocabulary.cleanUpSpaces() ? new SpaceCleanup() : null;
        this.dropSpace = atStart && vocabulary.addSpacePrefix();
        this.bosToRemove =
                removeSpecial && vocabulary.addBos() ? vocabulary.bos() : OptionalInt.empty();
        this.eosToRemove =
                removeSpecial && vocabulary.addEos() ? vocabulary.eos() : OptionalInt.empty();
        this.decoding = decoding;
    }

    /// For a whole text: all that it returns together is [Tokenizer#decode] of all ids. The space
    /// that [Tokenizer#encode] puts in front is taken away from the first token. As in llama.cpp, a
    /// BOS token in front counts as that first token, so the space after it stays. Spaces are cleaned
    /// up if the vocabulary says so. A [HuggingFaceTokenizer] makes the text its files' decoder does.
    public static Detokenizer fromStart(
            Tokenizer tokenizer, boolean removeSpecial, boolean unparseSpecial) {
        var decoding =
                tokenizer instanceof HuggingFaceTokenizer own
                        ? own.decoding(removeSpecial, unparseSpecial)
                        : null;
        return new Detokenizer(tokenizer, _ -> unparseSpecial, true, removeSpecial, decoding);
    }

    /// For what a model generates after a prompt: every token prints its piece as it is.
    public static Detokenizer continuing(Tokenizer tokenizer, boolean special) {
        return new Detokenizer(tokenizer, _ -> special, false, false, null);
    }

    /// The same, printing those control and unknown tokens by their text that are among `special`.
    public static Detokenizer continuing(Tokenizer tokenizer, BitSet special) {
        BitSet ids = (BitSet) special.clone();
        return new Detokenizer(tokenizer, ids::get, false, false, null);
    }

    /// {@return the text that became certain with this token, often none}
    public String append(int id) {
        StringBuilder text = new StringBuilder();
        utf8.append(bytes(id), text);
        return text.toString();
    }

    /// {@return what is left: spaces that might have been taken away; U+FFFD if the last character
    /// never became whole}
    ///
    /// To be called once, at the end.
    public String flush() {
        StringBuilder text = new StringBuilder();
        utf8.append(lastBytes(), text);
        utf8.flush(text);
        return text.toString();
    }

    /// The bytes that became certain with this token.
    byte[] bytes(int id) {
        if (decoding != null) {
            return decoding.append(id).getBytes(StandardCharsets.UTF_8);
        }
        byte[] bytes = printed(id);
        return cleanup == null ? bytes : cleanup.append(bytes);
    }

    /// The bytes that were certain only at the end.
    byte[] lastBytes() {
        if (decoding != null) {
            return decoding.last().getBytes(StandardCharsets.UTF_8);
        }
        return cleanup == null ? NOTHING : cleanup.flush();
    }

    private byte[] printed(int id) {
        byte[] waited = eosWaits ? piece(eosToRemove.getAsInt()) : NOTHING;
        eosWaits = false;
        boolean first = atStart;
        atStart = false;
        if (first && is(bosToRemove, id)) {
            dropSpace = false;
            return NOTHING;
        }
        if (is(eosToRemove, id)) {
            eosWaits = true; // it goes if it is the last
            return waited;
        }
        byte[] piece = piece(id);
        return waited.length == 0 ? piece : concatenate(waited, piece);
    }

    private byte[] piece(int id) {
        byte[] piece = tokenizer.piece(id, special.test(id));
        boolean drop = dropSpace && piece.length > 0 && piece[0] == ' ';
        dropSpace = false;
        return drop ? Arrays.copyOfRange(piece, 1, piece.length) : piece;
    }

    private static boolean is(OptionalInt expected, int id) {
        return expected.isPresent() && expected.getAsInt() == id;
    }

    private static byte[] concatenate(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
