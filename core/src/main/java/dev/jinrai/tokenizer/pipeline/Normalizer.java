package dev.jinrai.tokenizer.pipeline;

/// What is done to a text before it is looked for tokens: an entry of `normalizer` in a `tokenizer.json`. Immutable.
public interface Normalizer {
    /// Leaves a text as it is.
    Normalizer NONE = text -> text;

    String normalize(String text);

    /// As [#normalize(String)], or throws [PatternException] if more UTF-16 units than `most` become of it: what a sequence
    /// makes of a text is measured against the text that it was given.
    default String normalize(String text, long most) {
        String normalized = normalize(text);
        Growth.check(normalized.length(), most);
        return normalized;
    }

    /// Whether what a text begins with after this stood at its beginning before: [Metaspace] with
    /// the scheme `first` asks.
    default boolean keepsStart(String text) {
        return true;
    }
}
