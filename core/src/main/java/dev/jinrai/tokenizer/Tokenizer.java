package dev.jinrai.tokenizer;

import dev.jinrai.gguf.Metadata;
import dev.jinrai.tokenizer.pipeline.Utf8Decoder;
import java.io.ByteArrayOutputStream;
import java.util.OptionalInt;

/// Text to token ids and back, exactly as llama.cpp does it. Immutable; threads may share one.
///
/// Java text is UTF-16. A surrogate without its partner is no character and has no UTF-8 form;
/// [#encode] reads it as U+FFFD, the replacement character, wherever it stands.
public interface Tokenizer {

    /// The tokenizer a file asks for.
    ///
    /// @throws UnsupportedTokenizerException if this build lacks its family, or the file has none
    /// @throws TokenizerException if the vocabulary cannot work
    static Tokenizer from(Metadata metadata) {
        return Families.tokenizer(metadata);
    }

    Vocabulary vocabulary();

    /// The ids of a text (`llama_tokenize`).
    ///
    /// @param addSpecial put the BOS token in front, and the EOS token at the end, when the
    ///     vocabulary wants them
    /// @param parseSpecial find control tokens written out in the text; otherwise `</s>` is four
    ///     characters like any others. User-defined tokens are found either way
    int[] encode(String text, boolean addSpecial, boolean parseSpecial);

    /// The token that [#encode] puts in front of every text when special tokens are added.
    default OptionalInt addedInFront() {
        return vocabulary().addBos() ? vocabulary().bos() : OptionalInt.empty();
    }

    /// The token that [#encode] puts at the end of every text when special tokens are added.
    default OptionalInt addedAtEnd() {
        return vocabulary().addEos() ? vocabulary().eos() : OptionalInt.empty();
    }

    /// The bytes one token prints (`llama_token_to_piece`): often not whole UTF-8 characters.
    ///
    /// @param special print control and unknown tokens by their text; otherwise they print nothing
    byte[] piece(int id, boolean special);

    /// The bytes of a token sequence (`llama_detokenize`).
    ///
    /// @param removeSpecial leave out a BOS token in front, and an EOS token at the end, where
    ///     [#encode] would have added them
    /// @param unparseSpecial print control and unknown tokens by their text
    default byte[] decodeBytes(int[] ids, boolean removeSpecial, boolean unparseSpecial) {
        Detokenizer pieces = Detokenizer.fromStart(this, removeSpecial, unparseSpecial);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(4 * ids.length);
        for (int id : ids) {
            bytes.writeBytes(pieces.bytes(id));
        }
        bytes.writeBytes(pieces.lastBytes());
        return bytes.toByteArray();
    }

    /// [#decodeBytes] as text. Bytes that are not UTF-8 become U+FFFD, one for each maximal
    /// subpart.
    default String decode(int[] ids, boolean removeSpecial, boolean unparseSpecial) {
        Utf8Decoder utf8 = new Utf8Decoder();
        StringBuilder text = new StringBuilder();
        utf8.append(decodeBytes(ids, removeSpecial, unparseSpecial), text);
        utf8.flush(text);
        return text.toString();
    }
}
