package dev.jinrai.tokenizer;

import java.util.ArrayList;
import java.util.List;

/// Vocabularies of a few tokens for tests: `<unk>` 0, `<s>` 1, `</s>` 2, then, if wanted, the 256
/// byte tokens, then what a test adds.
final class SmallVocabulary {
    /// The id of the first token a test adds after the byte tokens.
    static final int FIRST = 3 + 256;

    static final int NORMAL = 1;
    static final int UNKNOWN = 2;
    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    static final int UNUSED = 5;
    static final int BYTE = 6;

    private final List<String> texts = new ArrayList<>();
    private final List<Float> scores = new ArrayList<>();
    private final List<Integer> types = new ArrayList<>();

    private SmallVocabulary() {
        add("<unk>", 0, UNKNOWN).add("<s>", 0, CONTROL).add("</s>", 0, CONTROL);
    }

    static SmallVocabulary withBytes() {
        SmallVocabulary vocabulary = new SmallVocabulary();
        for (int b = 0; b < 256; b++) {
            vocabulary.add(byteToken(b), 0, BYTE);
        }
        return vocabulary;
    }

    static SmallVocabulary withoutBytes() {
        return new SmallVocabulary();
    }

    static String byteToken(int b) {
        return "<0x%02X>".formatted(b);
    }

    /// The id of a byte's token in a vocabulary that has them.
    static int byteId(int b) {
        return 3 + b;
    }

    SmallVocabulary add(String text, double score, int type) {
        texts.add(text);
        scores.add((float) score);
        types.add(type);
        return this;
    }

    /// Normal tokens, each with a lower score than the one before.
    SmallVocabulary add(String... normal) {
        for (String text : normal) {
            add(text, -texts.size(), NORMAL);
        }
        return this;
    }

    int id(String text) {
        return texts.indexOf(text);
    }

    VocabularyBuilder builder() {
        float[] values = new float[scores.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = scores.get(i);
        }
        return SentencePiece.defaults()
                .tokens(texts)
                .scores(values)
                .types(types.stream().mapToInt(type -> type).toArray());
    }

    SentencePiece tokenizer() {
        return new SentencePiece(builder().build());
    }
}
