package dev.jinrai.tokenizer;

import dev.jinrai.json.JsonNode;

/// A token of a `tokenizer.json` that is found in texts before the model sees them.
///
/// @param special whether it is structure, not text
/// @param stripsLeft white space before it belongs to it
/// @param stripsRight white space after it belongs to it
/// @param singleWord it is found only where no letter or digit is beside it
/// @param normalized it is looked for in normalized text, and is normalized itself
record AddedToken(
        String content,
        boolean special,
        boolean stripsLeft,
        boolean stripsRight,
        boolean singleWord,
        boolean normalized) {

    /// What is added for a name that a settings file gives.
    static AddedToken special(String content) {
        return new AddedToken(content, true, false, false, false, false);
    }

    /// An entry of `added_tokens_decoder` in a `tokenizer_config.json`, which need not say all: what is special is not
    /// normalized.
    static AddedToken ofSettings(JsonNode node) {
        boolean special = node.flag("special", false);
        return new AddedToken(
                node.get("content").text(),
                special,
                node.flag("lstrip", false),
                node.flag("rstrip", false),
                node.flag("single_word", false),
                node.flag("normalized", !special));
    }

    /// An entry of `added_tokens`.
    static AddedToken of(JsonNode node) {
        return new AddedToken(
                node.get("content").text(),
                node.get("special").flag(),
                node.get("lstrip").flag(),
                node.get("rstrip").flag(),
                node.get("single_word").flag(),
                node.get("normalized").flag());
    }
}
