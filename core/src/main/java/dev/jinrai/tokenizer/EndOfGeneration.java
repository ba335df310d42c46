package dev.jinrai.tokenizer;

import java.util.Set;

/// Which tokens end a generation. No key lists them, so llama.cpp collects them by name, and so do
/// we.
///
/// Tokens with such a name become control tokens whatever the file says: the model emits them to
/// stop, not to be read.
final class EndOfGeneration {
    private static final Set<String> NAMES =
            Set.of(
                    "<|eot_id|>",
                    "<|im_end|>",
                    "<|ifm|im_end|>",
                    "<|end|>",
                    "<|return|>",
                    "<|call|>",
                    "<|flush|>",
                    "<|calls|>",
                    "<end_of_turn>",
                    "<|endoftext|>",
                    "</s>",
                    "<|eom_id|>",
                    "<EOT>",
                    "_<EOT>",
                    "[EOT]",
                    "[EOS]",
                    "<|end_of_text|>",
                    "<end_of_utterance>",
                    "<eos>",
                    "<turn|>",
                    "<|tool_response>",
                    "<｜end▁of▁sentence｜>",
                    "[e~[");

    /// The marks of gpt-oss's channels, which are always printed.
    private static final Set<String> CHANNELS =
            Set.of("<|channel|>", "<|message|>", "<|start|>", "<|constrain|>");

    private final VocabularyBuilder.Build build;

    EndOfGeneration(VocabularyBuilder.Build build) {
        this.build = build;
    }

    /// Fills `build.endOfGeneration`.
    void collect() {
        add(SpecialToken.FIM_PADDING);
        add(SpecialToken.FIM_REPOSITORY);
        add(SpecialToken.FIM_FILE);
        for (int id = 0; id < build.texts.length; id++) {
            if (NAMES.contains(build.texts[id])) {
                build.endOfGeneration.set(id);
                build.makeControl(id);
            }
            if (CHANNELS.contains(build.texts[id])) {
                build.types[id] = TokenType.USER_DEFINED;
            }
        }
        add(SpecialToken.EOS);
        add(SpecialToken.EOT);
        add(SpecialToken.EOM);
        // In the harmony format of gpt-oss, and in solar's, <|end|> ends a message, not the answer.
        boolean calls = ends("<|call|>") || ends("<|calls|>");
        if (calls && (ends("<|return|>") || ends("<|flush|>"))) {
            remove("<|end|>", TokenType.USER_DEFINED);
        }
        // Gemma 4 has </s> as an ordinary HTML tag.
        if (ends("<|tool_response>")) {
            remove("</s>", TokenType.NORMAL);
        }
    }

    private void add(SpecialToken part) {
        Integer id = build.special.get(part);
        if (id != null) {
            build.endOfGeneration.set(id);
        }
    }

    private boolean ends(String text) {
        Integer id = build.ids.get(text);
        return id != null && build.endOfGeneration.get(id);
    }

    private void remove(String text, TokenType type) {
        Integer id = build.ids.get(text);
        if (id != null && build.endOfGeneration.get(id)) {
            build.endOfGeneration.clear(id);
            build.types[id] = type;
        }
    }
}
