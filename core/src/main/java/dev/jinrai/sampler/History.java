package dev.jinrai.sampler;

import java.util.Arrays;

/// The tokens so far, of the prompt and of the answer.
final class History {
    private int[] tokens = new int[64];
    private int length;

    void append(int token) {
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * length);
        }
        tokens[length++] = token;
    }

    int length() {
        return length;
    }

    /// {@return the token that is so far back; 0 for the last}
    int back(int distance) {
        return tokens[length - 1 - distance];
    }

    /// {@return how many there are of the last `count`; −1 for all}
    int recent(int count) {
        return count < 0 ? length : Math.min(count, length);
    }
}
