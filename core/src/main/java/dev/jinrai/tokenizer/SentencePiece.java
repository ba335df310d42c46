package dev.jinrai.tokenizer;

import dev.jinrai.gguf.Metadata;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/// SentencePiece BPE with byte fallback: Llama 1 and 2, TinyLlama, Mistral, Phi-3, Gemma, Baichuan
/// (`tokenizer.ggml.model` = `llama`).
///
/// ```
/// Hi you</s>\n漢                                 a text
/// Hi you · </s> · \n漢                           special tokens are cut out
/// ␣Hi you · </s> · ␣\n漢                         a space comes in front of every other part
/// ▁Hi▁you · </s> · ▁\n漢                         the space, and only the space, becomes U+2581
/// ▁Hi ▁you · </s> · ▁ \n 漢                      letters are merged
/// ▁Hi ▁you </s> ▁ <0x0A> <0xE6> <0xBC> <0xA2>    what is no token becomes bytes
/// ```
/// The cutting is [SpecialTokens], the merging [BigramMerge]. The space comes in front at the start
/// and after a special token, if the file says `add_space_prefix`.
///
/// A character that is no token is its UTF-8 bytes as byte tokens `<0xE2>`. Vocabularies without
/// byte tokens exist; llama.cpp aborts there. As in SentencePiece itself, a run of such characters
/// is then one unknown token.
///
/// Source: Kudo and Richardson 2018, arXiv:1808.06226; `llm_tokenizer_spm` in llama.cpp.
public final class SentencePiece implements Tokenizer {
    private static final char SPACE = '▁'; // U+2581, how tokens write the space
    private static final int NONE = -1;

    private final Vocabulary vocabulary;
    private final SpecialTokens specialTokens;
    private final TokenIndex index;
    private final Seams seams;
    private final int[] ranks;
    private final int[] byteIds; // of each byte
    private final byte[] bytes; // of each byte token

    /// @throws TokenizerException if a token of type `BYTE` does not name a byte
    public SentencePiece(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        specialTokens = SpecialTokens.of(vocabulary);
        index = new TokenIndex(vocabulary);
        seams = new Seams(vocabulary);
        ranks = ranks();
        byteIds = IntStream.range(0, 256).map(this::byteId).toArray();
        bytes = new byte[vocabulary.size()];
        for (int id = 0; id < bytes.length; id++) {
            if (vocabulary.type(id) == TokenType.BYTE) {
                bytes[id] = ByteToken.value(vocabulary, id);
            }
        }
    }

    static SentencePiece from(Metadata metadata) {
        return new SentencePiece(defaults().read(metadata).build());
    }

    /// What holds for this family unless a file says otherwise.
    public static VocabularyBuilder defaults() {
        return new VocabularyBuilder()
                .special(SpecialToken.UNKNOWN, 0)
                .special(SpecialToken.BOS, 1)
                .special(SpecialToken.EOS, 2)
                .addBos(true)
                .addEos(false)
                .addSpacePrefix(true);
    }

    /// The place of each token's score among all scores, from the highest; −0 and 0 are one score.
    private int[] ranks() {
        float[] scores = new float[vocabulary.size()];
        for (int id = 0; id < scores.length; id++) {
            scores[id] = 0f - vocabulary.score(id); // ascending, and never −0
        }
        float[] sorted = scores.clone();
        Arrays.sort(sorted);
        int distinct = 0;
        for (int i = 0; i < sorted.length; i++) {
            if (i == 0 || sorted[i] != sorted[i - 1]) {
                sorted[distinct++] = sorted[i];
            }
        }
        int[] ranks = new int[scores.length];
        for (int id = 0; id < ranks.length; id++) {
            ranks[id] = Arrays.binarySearch(sorted, 0, distinct, scores[id]);
        }
        return ranks;
    }

    /// The token for a byte, found by its text, whatever its type. (Where it is missing, llama.cpp
    /// looks for a token of that one byte; but a letter that is a token is never spelled in bytes.)
    private int byteId(int b) {
        return vocabulary.find(ByteToken.text(b)).orElse(NONE);
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        char[] chars = WellFormed.units(text);
        Ids ids = new Ids(chars.length / 3);
        if (addSpecial && vocabulary.addBos()) {
            ids.token(vocabulary.bos().orElseThrow());
        }
        BigramMerge merge = new BigramMerge(index, seams, ranks, ids);
        boolean afterSpecial = true; // the start counts as such
        for (Fragment fragment : specialTokens.partition(chars, parseSpecial)) {
            switch (fragment) {
                case Fragment.Special(int id) -> {
                    ids.token(id);
                    afterSpecial = true;
                }
                case Fragment.Text(int start, int end) -> {
                    boolean prefix = afterSpecial && vocabulary.addSpacePrefix();
                    merge.merge(escape(chars, start, end, prefix));
                    ids.endText();
                    afterSpecial = false;
                }
            }
        }
        if (addSpecial && vocabulary.addEos()) {
            ids.token(vocabulary.eos().orElseThrow());
        }
        return ids.list.toArray();
    }

    private static char[] escape(char[] text, int start, int end, boolean prefix) {
        int from = prefix ? 1 : 0;
        char[] escaped = new char[end - start + from];
        escaped[0] = SPACE;
        for (int i = start; i < end; i++) {
            escaped[from + i - start] = text[i] == ' ' ? SPACE : text[i];
        }
        return escaped;
    }

    /// Collects the ids; a character without a token becomes its bytes.
    private final class Ids implements BigramMerge.Output {
        private final IntList list;
        private boolean inUnknown;

        Ids(int capacity) {
            list = new IntList(capacity);
        }

        @Override
        public void token(int id) {
            list.add(id);
            inUnknown = false;
        }

        @Override
        public void unknown(int codePoint) {
            byte[] utf8 = Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
            for (byte b : utf8) {
                if (byteIds[b & 0xFF] == NONE) {
                    addUnknown(codePoint);
                    return;
                }
            }
            for (byte b : utf8) {
                token(byteIds[b & 0xFF]);
            }
        }

        /// Unknown characters of different texts are different tokens.
        private void endText() {
            inUnknown = false;
        }

        private void addUnknown(int codePoint) {
            OptionalInt id = vocabulary.special(SpecialToken.UNKNOWN);
            if (id.isEmpty()) {
                throw new TokenizerException(
                        "the vocabulary has no token for U+%04X, for its bytes, or for the unknown"
                                .formatted(codePoint));
            }
            if (!inUnknown) {
                list.add(id.getAsInt());
            }
            inUnknown = true;
        }
    }

    @Override
    public byte[] piece(int id, boolean special) {
        String text = vocabulary.text(id);
        return switch (vocabulary.type(id)) {
            case CONTROL, UNKNOWN -> special ? utf8(text) : new byte[0];
            case USER_DEFINED -> utf8(text);
            case NORMAL -> utf8(text.replace(SPACE, ' '));
            case BYTE -> new byte[] {bytes[id]};
            case UNUSED, UNDEFINED -> new byte[0];
        };
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
