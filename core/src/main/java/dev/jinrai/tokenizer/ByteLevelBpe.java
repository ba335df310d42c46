package dev.jinrai.tokenizer;

import dev.jinrai.gguf.Metadata;
import dev.jinrai.tokenizer.pipeline.ByteAlphabet;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/// Byte-pair encoding of words: GPT-2, Llama 3, Qwen, DeepSeek, Falcon, Mistral NeMo, Gemma 4 and
/// most others (`tokenizer.ggml.model` = `gpt2` or `gemma4`).
///
/// ```
/// Hi you!<|eot|>\n漢                   a text
/// Hi you! · <|eot|> · \n漢              special tokens are cut out
/// Hi ·  you · ! · <|eot|> · \n · 漢     the rest falls into words
/// Hi · Ġyou · ! · <|eot|> · Ċ · æ¼¢    each byte of which is a letter
/// Hi · Ġyou · ! · <|eot|> · Ċ · æ¼ ¢    and the letters are merged
/// ```
/// The cutting is [SpecialTokens], the falling into words [PreTokenizer], the letters are the
/// [ByteAlphabet], the merging is [PairMerge]. Pre-tokenizers with the trait `CHARACTERS` have
/// characters for letters and `▁` for the space.
///
/// A merged text that is no token becomes tokens of one byte where there are such; what has none is
/// left out, as in llama.cpp. Vocabularies with a token for each byte never come to that.
///
/// Source: Radford et al. 2019 (GPT-2), section 2.2; `llm_tokenizer_bpe` in llama.cpp.
public final class ByteLevelBpe implements Tokenizer {
    private static final String PRE = "tokenizer.ggml.pre";
    private static final String MERGES = "tokenizer.ggml.merges";
    private static final char SPACE = '▁'; // U+2581
    private static final int NONE = -1;

    private static final byte UNKNOWN = 0;
    private static final byte MERGES_TO_ITSELF = 1;
    private static final byte DOES_NOT = 2;

    private final Vocabulary vocabulary;
    private final PreTokenizer preTokenizer;
    private final boolean characters;
    private final SpecialTokens specialTokens;
    private final TokenIndex index;
    private final Merges merges;
    private final int[] byteIds = new int[256]; // what a text that is no token falls back to

    /// Whether merging a token's letters ends with this token, found out when it is first met.
    /// Threads may find out the same at the same time, and they find the same.
    private final byte[] words;

    private ByteLevelBpe(Vocabulary vocabulary, PreTokenizer preTokenizer, List<String> merges) {
        this.vocabulary = vocabulary;
        this.preTokenizer = preTokenizer;
        this.characters = preTokenizer.has(PreTokenizer.Trait.CHARACTERS);
        specialTokens = SpecialTokens.of(vocabulary);
        index = new TokenIndex(vocabulary);
        this.merges = new Merges(vocabulary, merges);
        words = new byte[vocabulary.size()];
        for (int b = 0; b < byteIds.length; b++) {
            byteIds[b] = byteId(b);
        }
        for (int id = 0; id < vocabulary.size(); id++) {
            if (vocabulary.type(id) == TokenType.BYTE) {
                ByteToken.value(vocabulary, id); // throws
            }
        }
    }

    /// A vocabulary of model `gpt2`.
    static ByteLevelBpe from(Metadata metadata) {
        String name = metadata.string(PRE, "");
        PreTokenizer pre = PreTokenizers.named(name.isEmpty() ? "default" : name);
        VocabularyBuilder builder = defaults(pre);
        if (!pre.has(PreTokenizer.Trait.NO_BOS)) {
            builder.special(SpecialToken.BOS, 11);
        }
        builder.special(SpecialToken.EOS, 11);
        if (name.isEmpty()) {
            builder.notice(
                    "no key '%s': text is split as by 'default', perhaps not as the model learned it"
                            .formatted(PRE));
        }
        return read(builder, pre, metadata);
    }

    /// A vocabulary of model `gemma4`, whose pre-tokenizer goes without saying.
    static ByteLevelBpe fromGemma4(Metadata metadata) {
        PreTokenizer pre = PreTokenizers.named("gemma4");
        return read(defaults(pre), pre, metadata);
    }

    private static VocabularyBuilder defaults(PreTokenizer pre) {
        return new VocabularyBuilder()
                .addBos(pre.has(PreTokenizer.Trait.ADD_BOS))
                .addSep(pre.has(PreTokenizer.Trait.ADD_SEP))
                .cleanUpSpaces(pre.has(PreTokenizer.Trait.CLEAN_UP_SPACES));
    }

    private static ByteLevelBpe read(
            VocabularyBuilder builder, PreTokenizer pre, Metadata metadata) {
        builder.read(metadata);
        if (pre.has(PreTokenizer.Trait.CHARACTERS)) {
            builder.addBos(true);
        }
        return new ByteLevelBpe(builder.build(), pre, metadata.strings(MERGES));
    }

    private int byteId(int b) {
        String text = characters ? ByteToken.text(b) : Character.toString(b);
        boolean one = characters || b < 0x80; // beyond, one byte is no UTF-8, so no token
        return one ? vocabulary.find(text).orElse(NONE) : NONE;
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        char[] chars = WellFormed.units(text);
        Encoding encoding = new Encoding(new String(chars));
        if (addSpecial && vocabulary.addBos()) {
            encoding.ids.add(vocabulary.bos().orElseThrow());
        }
        for (Fragment fragment : specialTokens.partition(chars, parseSpecial)) {
            switch (fragment) {
                case Fragment.Special(int id) -> encoding.ids.add(id);
                case Fragment.Text(int start, int end) -> encoding.text(start, end);
            }
        }
        if (addSpecial && vocabulary.addEos()) {
            encoding.ids.add(vocabulary.eos().orElseThrow());
        }
        return encoding.ids.toArray();
    }

    /// One text on its way to ids.
    private final class Encoding {
        private final String text;
        private final PreTokenizer.Words falling;
        private final PairMerge merge = new PairMerge(merges.pairs());
        private final IntList ids;
        private char[] letters = new char[64];

        Encoding(String wellFormed) {
            text = characters ? wellFormed.replace(' ', SPACE) : wellFormed;
            falling = preTokenizer.on(text);
            ids = new IntList(text.length() / 3);
        }

        void text(int from, int to) {
            IntList ends = falling.ends(from, to);
            int start = from;
            for (int i = 0; i < ends.size(); i++) {
                word(start, ends.get(i));
                start = ends.get(i);
            }
        }

        private void word(int from, int to) {
            int length = spell(from, to);
            int id = NONE;
            if (length <= index.longest()) {
                id = index.find(TokenIndex.hash(letters, 0, length), letters, 0, length);
            }
            if (id != NONE && (words[id] == MERGES_TO_ITSELF || isTokenAnyway(from, to))) {
                ids.add(id);
                return;
            }
            merge(length);
            if (id != NONE && words[id] == UNKNOWN) {
                boolean one = merge.next(merge.first()) == NONE;
                boolean itself = one && token(merge.first()) == id;
                words[id] = itself ? MERGES_TO_ITSELF : DOES_NOT;
            }
            for (int place = merge.first(); place != NONE; place = merge.next(place)) {
                int token = token(place);
                if (token != NONE) {
                    ids.add(token);
                } else {
                    addBytes(merge.start(place), merge.end(place));
                }
            }
        }

        private void merge(int length) {
            merge.begin(length);
            for (int i = 0; i < length; i++) {
                int letter = letters[i];
                int start = i;
                if (Character.isHighSurrogate(letters[i])) {
                    letter = Character.toCodePoint(letters[i], letters[++i]);
                }
                merge.add(merges.letter(letter), start);
            }
            merge.merge(length);
        }

        /// {@return the token at a place, `NONE` if its text is none}
        private int token(int place) {
            int symbol = merge.symbol(place);
            return symbol == NONE ? NONE : merges.token(symbol);
        }

        private boolean isTokenAnyway(int from, int to) {
            if (preTokenizer.has(PreTokenizer.Trait.IGNORE_MERGES)) {
                return true;
            }
            // Words of line feeds have nothing else in them.
            return characters && text.charAt(from) == '\n' && from < to;
        }

        private int spell(int from, int to) {
            int most = Math.multiplyExact(3, to - from);
            if (letters.length < most) {
                letters = new char[Math.max(most, 2 * letters.length)];
            }
            if (characters) {
                text.getChars(from, to, letters, 0);
                return to - from;
            }
            return ByteAlphabet.spell(text, from, to, letters);
        }

        private void addBytes(int from, int to) {
            for (byte b : utf8(new String(letters, from, to - from))) {
                if (byteIds[b & 0xFF] != NONE) {
                    ids.add(byteIds[b & 0xFF]);
                }
            }
        }
    }

    @Override
    public byte[] piece(int id, boolean special) {
        String text = vocabulary.text(id);
        return switch (vocabulary.type(id)) {
            case CONTROL, UNKNOWN -> special ? utf8(text) : new byte[0];
            case USER_DEFINED -> utf8(text);
            case NORMAL -> characters ? utf8(text.replace(SPACE, ' ')) : bytes(text);
            case BYTE -> new byte[] {ByteToken.value(vocabulary, id)};
            case UNUSED, UNDEFINED -> new byte[0];
        };
    }

    /// The bytes that letters stand for. What is no letter is printed as llama.cpp does, so that it
    /// is seen.
    private static byte[] bytes(String text) {
        StringBuilder latin = new StringBuilder(text.length()); // a character a byte
        text.codePoints()
                .forEach(c -> {
                    int b = ByteAlphabet.byteOf(c);
                    if (b >= 0) {
                        latin.append((char) b);
                    } else {
                        latin.append("[UNK_BYTE_0x");
                        for (byte unit : utf8(Character.toString(c))) {
                            latin.append(String.format(Locale.ROOT, "%02x", unit));
                        }
                        latin.append(new String(utf8(text), StandardCharsets.ISO_8859_1))
                                .append(']');
                    }
                });
        return latin.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
