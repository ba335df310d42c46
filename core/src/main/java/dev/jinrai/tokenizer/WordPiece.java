package dev.jinrai.tokenizer;

import dev.jinrai.gguf.Metadata;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/// WordPiece: BERT and the encoders made after it (`tokenizer.ggml.model` = `bert`).
///
/// ```
/// Héllo, <mask>漢字zq              a text
/// Héllo,  · <mask> · 漢字zq        special tokens are cut out
/// hello · , · <mask> · 漢 · 字 · zq   the rest falls into words, accents are cut off
/// ▁hello · ▁, · <mask> · …           each word begins with U+2581
/// ▁hello ▁, <mask> ▁漢 [UNK] ▁z q    and is the longest token that begins it, and so on
/// ```
/// The falling into words is [BertCharacters]. White space is lost: what is decoded is not what was
/// encoded. A word that cannot be spelled is one unknown token, all of it. There is no limit to its
/// length, as there is in BERT itself.
///
/// With special tokens a text begins with BOS (`[CLS]`) and ends with SEP, whatever
/// `add_bos_token` and `add_sep_token` say; nothing else is added.
///
/// Source: Schuster and Nakajima 2012; Devlin et al. 2018, arXiv:1810.04805; `llm_tokenizer_wpm` in
/// llama.cpp.
public final class WordPiece implements Tokenizer {
    private static final String LOWER_CASE = "tokenizer.ggml.normalizer.lowercase";
    private static final String STRIP_ACCENTS = "tokenizer.ggml.normalizer.strip_accents";
    private static final byte[] SPACE = {(byte) 0xE2, (byte) 0x96, (byte) 0x81}; // U+2581

    private final Vocabulary vocabulary;
    private final BertCharacters characters;
    private final SpecialTokens specialTokens;
    private final TokenTrie trie = new TokenTrie();

    private WordPiece(Vocabulary vocabulary, BertCharacters characters) {
        this.vocabulary = vocabulary;
        this.characters = characters;
        specialTokens = SpecialTokens.of(vocabulary);
        for (int id = 0; id < vocabulary.size(); id++) {
            if (vocabulary.type(id) == TokenType.BYTE) {
                throw new TokenizerException(
                        "token %d %s is of type BYTE, which WordPiece does not have"
                                .formatted(id, TokenizerException.quote(vocabulary.text(id))));
            }
            trie.insert(vocabulary.text(id), id);
        }
    }

    static WordPiece from(Metadata metadata) {
        VocabularyBuilder builder =
                new VocabularyBuilder()
                        .special(SpecialToken.UNKNOWN, 100)
                        .special(SpecialToken.BOS, 101)
                        .special(SpecialToken.SEPARATOR, 102)
                        .special(SpecialToken.PADDING, 0)
                        .special(SpecialToken.MASK, 103)
                        .addBos(true)
                        .addSep(true)
                        .cleanUpSpaces(true);
        boolean lowerCase = metadata.bool(LOWER_CASE, true);
        boolean stripAccents = metadata.bool(STRIP_ACCENTS, lowerCase);
        return new WordPiece(
                builder.read(metadata).build(), new BertCharacters(lowerCase, stripAccents));
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public OptionalInt addedInFront() {
        return vocabulary.bos();
    }

    @Override
    public OptionalInt addedAtEnd() {
        return vocabulary.special(SpecialToken.SEPARATOR);
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        char[] chars = WellFormed.units(text);
        IntList ids = new IntList(chars.length / 4);
        if (addSpecial) {
            ids.add(required(SpecialToken.BOS));
        }
        Words words = new Words(ids);
        for (Fragment fragment : specialTokens.partition(chars, parseSpecial)) {
            switch (fragment) {
                case Fragment.Special(int id) -> ids.add(id);
                case Fragment.Text(int start, int end) -> words.text(chars, start, end);
            }
        }
        if (addSpecial) {
            ids.add(required(SpecialToken.SEPARATOR));
        }
        return ids.toArray();
    }

    private int required(SpecialToken part) {
        return vocabulary
                .special(part)
                .orElseThrow(() ->
                        new TokenizerException(
                                "the vocabulary has no %s token; no key '%s'"
                                        .formatted(part, part.keys().getFirst())));
    }

    /// Cuts a text into words and spells them.
    private final class Words {
        private final IntList ids;
        private byte[] word = Arrays.copyOf(SPACE, 64);
        private int length = SPACE.length;

        Words(IntList ids) {
            this.ids = ids;
        }

        void text(char[] text, int from, int to) {
            for (int i = from; i < to; i++) {
                int c = text[i];
                if (Character.isHighSurrogate(text[i])) {
                    c = Character.toCodePoint(text[i], text[++i]);
                }
                int answer = characters.look(c);
                switch (BertCharacters.kind(answer)) {
                    case BertCharacters.SPACE -> end();
                    case BertCharacters.WORD -> {
                        end();
                        append(BertCharacters.becomes(answer));
                        end();
                    }
                    case BertCharacters.IN_WORD -> append(BertCharacters.becomes(answer));
                    default -> {} // nothing
                }
            }
            end();
        }

        private void append(int c) {
            if (length + 4 > word.length) {
                word = Arrays.copyOf(word, Math.multiplyExact(2, word.length));
            }
            if (c < 0x80) {
                word[length++] = (byte) c;
                return;
            }
            if (c < 0x800) {
                word[length++] = (byte) (0xC0 | c >> 6);
            } else {
                if (c < 0x10000) {
                    word[length++] = (byte) (0xE0 | c >> 12);
                } else {
                    word[length++] = (byte) (0xF0 | c >> 18);
                    word[length++] = (byte) (0x80 | (c >> 12 & 0x3F));
                }
                word[length++] = (byte) (0x80 | (c >> 6 & 0x3F));
            }
            word[length++] = (byte) (0x80 | (c & 0x3F));
        }

        /// Spells the word, if there is one, and begins the next.
        private void end() {
            if (length == SPACE.length) {
                return;
            }
            int before = ids.size();
            int at = 0;
            while (at < length) {
                int id = TokenTrie.NONE;
                int next = at;
                int node = TokenTrie.ROOT;
                for (int i = at; i < length; i++) {
                    node = trie.child(node, word[i]);
                    if (node == TokenTrie.NONE) {
                        break;
                    }
                    if (trie.id(node) != TokenTrie.NONE) {
                        id = trie.id(node);
                        next = i + 1;
                    }
                }
                if (id == TokenTrie.NONE) {
                    ids.truncate(before);
                    ids.add(required(SpecialToken.UNKNOWN));
                    break;
                }
                ids.add(id);
                at = next;
            }
            length = SPACE.length;
        }
    }

    @Override
    public byte[] piece(int id, boolean special) {
        String text = vocabulary.text(id);
        return switch (vocabulary.type(id)) {
            case CONTROL, UNKNOWN -> special ? utf8(text) : new byte[0];
            case USER_DEFINED -> utf8(text);
            case NORMAL -> utf8(text.replace('▁', ' '));
            case BYTE, UNUSED, UNDEFINED -> new byte[0];
        };
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
