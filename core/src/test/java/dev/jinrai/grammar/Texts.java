package dev.jinrai.grammar;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// Whole texts against a grammar, as a matcher over bytes sees them.
final class Texts {
    private final Automaton automaton;
    private final State start;

    Texts(Grammar grammar) {
        Program program = grammar.program();
        automaton = new Automaton(program, Costs.of(program));
        start = automaton.start();
    }

    boolean accepts(String text) {
        return accepts(text.getBytes(StandardCharsets.UTF_8));
    }

    boolean accepts(byte[] bytes) {
        State end = automaton.next(start, bytes);
        return !end.isDead() && end.accepts();
    }

    /// {@return whether a text of the grammar begins like this}
    boolean begins(byte[] bytes) {
        return !automaton.next(start, bytes).isDead();
    }

    /// {@return what completes the text from a state that these bytes lead to}
    long cost(String text) {
        return automaton.next(start, text.getBytes(StandardCharsets.UTF_8)).stack.cost;
    }

    /// {@return those that are not accepted}
    List<String> refused(List<String> texts) {
        return texts.stream().filter(text -> !accepts(text)).toList();
    }
}
