package dev.jinrai.grammar;

import org.jspecify.annotations.Nullable;

/// A state of an [Automaton]: what may follow, and where each byte leads as far as somebody has looked.
final class State {
    final Stack stack;

    /// By class of bytes.
    final @Nullable State[] next;

    /// The tokens of the shortest text from here; −1 before it is known.
    int spelled = -1;

    State(Stack stack, int classes) {
        this.stack = stack;
        this.next = new State[classes];
    }

    boolean isDead() {
        return stack.isDead();
    }

    /// {@return whether the text may end here}
    boolean accepts() {
        return stack.bottom;
    }
}
