package dev.jinrai.grammar;

import dev.jinrai.gguf.Metadata;
import dev.jinrai.gguf.MetadataValue;
import dev.jinrai.gguf.ValueType;
import dev.jinrai.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A SentencePiece vocabulary: `<unk>` 0, `<s>` 1, `</s>` 2, `<tool>` 3 (control tokens), the 256 bytes if wanted, then some texts.
final class TestVocabulary {
    static final int END = 2;
    static final int TOOL = 3;

    private final List<MetadataValue> texts = new ArrayList<>();
    private final List<MetadataValue> scores = new ArrayList<>();
    private final List<MetadataValue> types = new ArrayList<>();

    static Tokenizer of(boolean bytes, List<String> texts) {
        var vocabulary = new TestVocabulary();
        vocabulary.add("<unk>", 2);
        vocabulary.add("<s>", 3);
        vocabulary.add("</s>", 3);
        vocabulary.add("<tool>", 3);
        for (int b = 0; bytes && b < 256; b++) {
            vocabulary.add("<0x%02X>".formatted(b), 6);
        }
        texts.forEach(text -> vocabulary.add(text.replace(' ', '▁'), 1));
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        values.put("tokenizer.ggml.model", new MetadataValue.Text("llama"));
        values.put(
                "tokenizer.ggml.tokens",
                new MetadataValue.Array(ValueType.STRING, vocabulary.texts));
        values.put(
                "tokenizer.ggml.scores",
                new MetadataValue.Array(ValueType.FLOAT32, vocabulary.scores));
        values.put(
                "tokenizer.ggml.token_type",
                new MetadataValue.Array(ValueType.INT32, vocabulary.types));
        return Tokenizer.from(new Metadata("test", values));
    }

    private void add(String text, int type) {
        texts.add(new MetadataValue.Text(text));
        scores.add(new MetadataValue.Real(ValueType.FLOAT32, -texts.size()));
        types.add(new MetadataValue.Whole(ValueType.INT32, type));
    }
}
