package dev.jinrai.chat.output;

import java.util.List;
import java.util.Optional;

/// The marks around reasoning.
record Thinking(String open, String close) {
    static final Thinking THINK = new Thinking("<think>", "</think>");
    static final Thinking BRACKETS = new Thinking("[THINK]", "[/THINK]");

    static final Thinking SEED = new Thinking("<seed:think>", "</seed:think>");

    private static final List<Thinking> KNOWN =
            List.of(THINK, BRACKETS, SEED, new Thinking("<|START_THINKING|>", "<|END_THINKING|>"));

    /// {@return the marks that stand in the text of a template}
    static Optional<Thinking> in(String template) {
        return KNOWN.stream()
                .filter(marks -> template.contains(marks.open) || template.contains(marks.close))
                .findFirst();
    }

    /// {@return whether a prompt ends where the model is to think}
    boolean opensIn(String prompt) {
        return prompt.stripTrailing().endsWith(open);
    }
}
