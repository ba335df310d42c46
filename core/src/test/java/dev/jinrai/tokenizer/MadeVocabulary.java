package dev.jinrai.tokenizer;

import dev.jinrai.gguf.Metadata;
import dev.jinrai.gguf.MetadataValue;
import dev.jinrai.gguf.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The metadata of a vocabulary of a few tokens, of any family.
final class MadeVocabulary {
    private final String model;
    private final List<MetadataValue> texts = new ArrayList<>();
    private final List<MetadataValue> scores = new ArrayList<>();
    private final List<MetadataValue> types = new ArrayList<>();
    private final Map<String, MetadataValue> more = new LinkedHashMap<>();

    MadeVocabulary(String model) {
        this.model = model;
    }

    MadeVocabulary add(String text, float score, int type) {
        texts.add(new MetadataValue.Text(text));
        scores.add(new MetadataValue.Real(ValueType.FLOAT32, score));
        types.add(new MetadataValue.Whole(ValueType.INT32, type));
        return this;
    }

    MadeVocabulary add(String... normal) {
        for (String text : normal) {
            add(text, 0, SmallVocabulary.NORMAL);
        }
        return this;
    }

    /// A key without its `tokenizer.ggml.`
    MadeVocabulary id(String key, int id) {
        return put(key, new MetadataValue.Whole(ValueType.UINT32, id));
    }

    MadeVocabulary flag(String key, boolean value) {
        return put(key, new MetadataValue.Bool(value));
    }

    MadeVocabulary bytes(String key, byte[] bytes) {
        List<MetadataValue> values = new ArrayList<>();
        for (byte b : bytes) {
            values.add(new MetadataValue.Whole(ValueType.UINT8, b & 0xFF));
        }
        return put(key, new MetadataValue.Array(ValueType.UINT8, values));
    }

    private MadeVocabulary put(String key, MetadataValue value) {
        more.put("tokenizer.ggml." + key, value);
        return this;
    }

    Tokenizer tokenizer() {
        Map<String, MetadataValue> values = new LinkedHashMap<>(more);
        values.put("tokenizer.ggml.model", new MetadataValue.Text(model));
        values.put("tokenizer.ggml.tokens", new MetadataValue.Array(ValueType.STRING, texts));
        values.put("tokenizer.ggml.scores", new MetadataValue.Array(ValueType.FLOAT32, scores));
        values.put("tokenizer.ggml.token_type", new MetadataValue.Array(ValueType.INT32, types));
        return Tokenizer.from(new Metadata("test", values));
    }
}
