package dev.jinrai.cli;

import java.util.ArrayList;
import java.util.List;

/// One thing to measure: `tokens` more tokens in a context that holds `depth`.
record Trial(Kind kind, int tokens, int depth) {
    enum Kind {
        /// A prompt is read: many tokens a pass, and the logits of the last.
        PROMPT("pp"),
        /// An answer is generated: one token a pass, and the logits of each.
        GENERATION("tg");

        private final String label;

        Kind(String label) {
            this.label = label;
        }
    }

    /// {@return the tests, those of one depth together}
    ///
    /// @param prompts numbers of tokens; 0 stands for no test
    /// @param generated the same
    static List<Trial> all(List<Integer> prompts, List<Integer> generated, List<Integer> depths) {
        List<Trial> tests = new ArrayList<>();
        for (int depth : depths) {
            prompts.forEach(tokens -> tests.add(new Trial(Kind.PROMPT, tokens, depth)));
            generated.forEach(tokens -> tests.add(new Trial(Kind.GENERATION, tokens, depth)));
        }
        tests.removeIf(test -> test.tokens == 0);
        return List.copyOf(tests);
    }

    /// {@return how many positions it needs}
    int end() {
        return depth + tokens;
    }

    /// {@return how many positions a token of it attends to on average, itself included}
    double averagePositions() {
        return depth + (tokens + 1) / 2.0;
    }

    /// {@return its name in llama-bench's manner: `pp512`, `tg128 @ d4096`}
    String label() {
        String name = kind.label + tokens;
        return depth == 0 ? name : name + " @ d" + depth;
    }
}
