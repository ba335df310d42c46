package dev.jinrai.tokenizer;

import java.util.List;

/// A part that one token of a vocabulary plays, the metadata keys that name the token, and, where
/// files often lack the key, the texts it is recognised by.
///
/// Of several texts in one vocabulary the first in this list counts. (llama.cpp takes the one that
/// its hash table happens to yield first.)
public enum SpecialToken {
    BOS(List.of("bos_token_id")),
    EOS(List.of("eos_token_id")),
    /// End of a turn.
    EOT(
            List.of("eot_token_id"),
            "<|eot_id|>",
            "<|im_end|>",
            "<|end|>",
            "<end_of_turn>",
            "<|endoftext|>",
            "<|end_of_text|>",
            "<EOT>",
            "_<EOT>",
            "[EOT]",
            "<｜end▁of▁sentence｜>",
            "<end_of_utterance>"),
    /// End of a message, when a tool is called.
    EOM(List.of("eom_token_id"), "<|eom_id|>"),
    UNKNOWN(List.of("unknown_token_id")),
    /// The key is misspelled in the files.
    SEPARATOR(List.of("seperator_token_id")),
    PADDING(List.of("padding_token_id")),
    MASK(List.of("mask_token_id")),
    /// Fill in the middle: the code before, after, and the place between.
    FIM_PREFIX(
            List.of("fim_pre_token_id", "prefix_token_id"),
            "<|fim_prefix|>",
            "<fim-prefix>",
            "<fim_prefix>",
            "<｜fim▁begin｜>",
            "<PRE>",
            "▁<PRE>",
            "<|code_prefix|>",
            "<|prefix|>",
            "<|plamo:fim_prefix|>"),
    FIM_SUFFIX(
            List.of("fim_suf_token_id", "suffix_token_id"),
            "<|fim_suffix|>",
            "<fim-suffix>",
            "<fim_suffix>",
            "<｜fim▁hole｜>",
            "<SUF>",
            "▁<SUF>",
            "<|code_suffix|>",
            "<|suffix|>",
            "<|plamo:fim_suffix|>"),
    FIM_MIDDLE(
            List.of("fim_mid_token_id", "middle_token_id"),
            "<|fim_middle|>",
            "<fim-middle>",
            "<fim_middle>",
            "<｜fim▁end｜>",
            "<MID>",
            "▁<MID>",
            "<|code_middle|>",
            "<|middle|>",
            "<|plamo:fim_middle|>"),
    FIM_PADDING(
            List.of("fim_pad_token_id"), "<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"),
    FIM_REPOSITORY(
            List.of("fim_rep_token_id"),
            "<|fim_repo|>",
            "<|repo_name|>",
            "<fim-repo>",
            "<REPO>",
            "<reponame>"),
    FIM_FILE(List.of("fim_sep_token_id"), "<|file_sep|>", "<|plamo:file_separator|>");

    @SuppressWarnings("ImmutableEnumChecker") // made by toList()
    private final List<String> keys;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of()
    private final List<String> texts;

    SpecialToken(List<String> keys, String... texts) {
        this.keys = keys.stream().map(key -> "tokenizer.ggml." + key).toList();
        this.texts = List.of(texts);
    }

    /// The metadata keys; where a file has several, the last counts.
    public List<String> keys() {
        return keys;
    }

    /// The texts by which the token is found when no key names it, in order of preference.
    public List<String> texts() {
        return texts;
    }
}
