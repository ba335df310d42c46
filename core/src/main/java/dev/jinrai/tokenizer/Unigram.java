package dev.jinrai.tokenizer;

import dev.jinrai.gguf.Metadata;
import java.nio.charset.StandardCharsets;

/// SentencePiece's unigram model: T5, XLM-RoBERTa and the encoders made after it
/// (`tokenizer.ggml.model` = `t5`).
///
/// ```
/// Ｈi  you</s>!             a text
/// Ｈi  you · </s> · !       special tokens are cut out
/// ▁Hi▁you · </s> · ▁!       what is left is normalized (UnigramNormalizer)
/// ▁Hi ▁you </s> ▁ !         and is the row of tokens with the highest sum of scores
/// ```
/// The best row ends with the best row of what comes before its last token (Viterbi 1967), so one
/// walk finds it. Of equal sums the one counts whose last token begins first. The score of a
/// user-defined token is 0. A character that is no token is an unknown one, at a score of 10 below
/// the lowest of all normal tokens; neighbouring unknown ones are one. Byte tokens are never chosen,
/// as in llama.cpp.
///
/// Sums run over the whole text in `double`, as in llama.cpp, so that both break ties alike.
///
/// Source: Kudo 2018, arXiv:1804.10959; `llm_tokenizer_ugm` in llama.cpp.
public final class Unigram implements Tokenizer {
    private static final float UNKNOWN_PENALTY = 10;
    private static final int NONE = TokenTrie.NONE;

    private final Vocabulary vocabulary;
    private final UnigramNormalizer normalizer;
    private final SpecialTokens specialTokens;
    private final TokenTrie trie = new TokenTrie();
    private final double[] scores;
    private final int unknown;
    private final double unknownScore;
    private final byte[] bytes; // of each byte token

    private Unigram(Vocabulary vocabulary, UnigramNormalizer normalizer) {
        this.vocabulary = vocabulary;
        this.normalizer = normalizer;
        specialTokens = SpecialTokens.of(vocabulary);
        scores = new double[vocabulary.size()];
        bytes = new byte[vocabulary.size()];
        float lowest = Float.MAX_VALUE;
        for (int id = 0; id < vocabulary.size(); id++) {
            scores[id] = isUserDefined(id) ? 0 : vocabulary.score(id);
            // What a file calls a normal token is chosen, even where its name makes it another.
            switch (vocabulary.typeInFile(id)) {
                case NORMAL -> {
                    lowest = Math.min(lowest, vocabulary.score(id));
                    trie.insert(vocabulary.text(id), id);
                }
                case USER_DEFINED, UNUSED -> trie.insert(vocabulary.text(id), id);
                case BYTE, CONTROL, UNDEFINED, UNKNOWN -> {} // never chosen
            }
            if (vocabulary.type(id) == TokenType.BYTE) {
                bytes[id] = ByteToken.value(vocabulary, id);
            }
        }
        unknown = vocabulary.special(SpecialToken.UNKNOWN).orElse(NONE);
        unknownScore = lowest - UNKNOWN_PENALTY;
    }

    private boolean isUserDefined(int id) {
        return vocabulary.type(id) == TokenType.USER_DEFINED
                || vocabulary.typeInFile(id) == TokenType.USER_DEFINED;
    }

    static Unigram from(Metadata metadata) {
        Vocabulary vocabulary =
                new VocabularyBuilder()
                        .special(SpecialToken.EOS, 1)
                        .special(SpecialToken.UNKNOWN, 2)
                        .special(SpecialToken.PADDING, 0)
                        .addEos(true)
                        .read(metadata)
                        .build();
        return new Unigram(vocabulary, UnigramNormalizer.from(metadata, vocabulary));
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        char[] chars = WellFormed.units(text);
        IntList ids = new IntList(chars.length / 3);
        if (addSpecial && vocabulary.addBos()) {
            ids.add(vocabulary.bos().orElseThrow());
        }
        for (Fragment fragment : specialTokens.partition(chars, parseSpecial)) {
            switch (fragment) {
                case Fragment.Special(int id) -> ids.add(id);
                case Fragment.Text(int start, int end) ->
                        choose(
                                normalizer.normalize(utf8(new String(chars, start, end - start))),
                                ids);
            }
        }
        if (addSpecial && vocabulary.addEos()) {
            ids.add(vocabulary.eos().orElseThrow());
        }
        return ids.toArray();
    }

    /// Adds the best row of tokens for a text.
    private void choose(byte[] text, IntList ids) {
        BestRow row = new BestRow(trie, scores, unknown, unknownScore);
        row.find(text);
        IntList backwards = new IntList(text.length / 4);
        boolean wasUnknown = false;
        for (int end = text.length; end > 0; end = row.start(end)) {
            int token = row.token(end);
            if (token == NONE) {
                throw new TokenizerException(
                        "the vocabulary has no token for a character of the text, and none for the"
                                + " unknown");
            }
            boolean isUnknown = token == unknown;
            if (!(isUnknown && wasUnknown)) {
                backwards.add(token);
            }
            wasUnknown = isUnknown;
        }
        for (int i = backwards.size() - 1; i >= 0; i--) {
            ids.add(backwards.get(i));
        }
    }

    @Override
    public byte[] piece(int id, boolean special) {
        String text = vocabulary.text(id);
        return switch (vocabulary.type(id)) {
            case CONTROL, UNKNOWN -> special ? utf8(text) : new byte[0];
            case USER_DEFINED -> utf8(text);
            case NORMAL -> utf8(text.replace('▁', ' '));
            case BYTE -> new byte[] {bytes[id]};
            case UNUSED, UNDEFINED -> new byte[0];
        };
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
