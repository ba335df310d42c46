package dev.jinrai.grammar;

import java.util.Optional;

/// Leads one answer through a grammar, token by token. Mutable, with one owner.
///
/// ```java
/// Guide guide = constraint.guide(500);
/// while (!guide.isFinished()) {
///     int id = choose(guide.permitted()); // an id that ends the answer is permitted where the text is complete
///     guide.accept(id);
/// }
/// ```
public final class Guide implements AutoCloseable {
    /// Texts of more bytes are let begin only where a token for each byte is left.
    private static final int MOST_PLANNED = 50_000;

    private final Constraint constraint;
    private final Masks masks;
    private final TokenSet permitted;
    private State state;
    private long left;

    /// Tokens that complete the text, where it has to be completed with tokens of several bytes.
    private int[] plan = {};

    private int planned;
    private boolean ended;
    private boolean closed;

    /// @throws GrammarException if the shortest text takes more tokens than `most`
    Guide(Constraint constraint, Masks masks, int most) {
        this.constraint = constraint;
        this.masks = masks;
        this.permitted = new TokenSet(constraint.lexicon().size);
        this.state = masks.start();
        this.left = most;
        if (state.stack.cost > left) {
            plan = plan(most);
        }
    }

    private int[] plan(int most) {
        long bytes = state.stack.cost;
        if (bytes > MOST_PLANNED || bytes > left * constraint.lexicon().longest()) {
            throw new GrammarException(
                    "the shortest text that the grammar allows has %d bytes, and the answer has room for %d tokens: raise the limit of tokens, or the context"
                            .formatted(bytes, most));
        }
        int[] tokens = masks.speller().tokens(state);
        if (tokens.length > left) {
            throw new GrammarException(
                    "the shortest text that the grammar allows takes %d tokens, and the answer has room for %d: raise the limit of tokens, or the context"
                            .formatted(tokens.length, most));
        }
        return tokens;
    }

    /// {@return whether the text is complete, though it might go on}
    public boolean isComplete() {
        return ended || state.accepts();
    }

    /// {@return whether the text is complete and cannot go on}
    public boolean isFinished() {
        return ended || (state.accepts() && state.stack.frames.isEmpty());
    }

    /// {@return the tokens that may follow: with them the text can still be completed in the tokens that are left. Overwritten by the next
    /// call}
    public TokenSet permitted() {
        if (ended) {
            permitted.clear();
            return permitted;
        }
        state = masks.tidy(state);
        masks.permitted(state, left, permitted);
        plannedToken().ifPresent(permitted::add);
        return permitted;
    }

    /// {@return whether one token may follow: all that are [#permitted], and near the limit others where to find all of them would take long
    /// (docs/grammar.md)}
    ///
    /// @throws IllegalArgumentException if there is no such token
    public boolean permits(int id) {
        if (id < 0 || id >= constraint.lexicon().size) {
            throw new IllegalArgumentException(
                    "there is no token %d in a vocabulary of %d"
                            .formatted(id, constraint.lexicon().size));
        }
        return !ended
                && (masks.permits(state, id, left)
                        || plannedToken().filter(planned -> planned == id).isPresent());
    }

    /// Where the text cannot be completed byte by byte any more, there is a plan by which it can.
    private Optional<Integer> plannedToken() {
        if (state.stack.cost <= left) {
            return Optional.empty();
        }
        if (planned == plan.length) {
            plan = masks.speller().tokens(state);
            planned = 0;
        }
        return Optional.of(plan[planned]);
    }

    /// Goes on with a token that was chosen.
    ///
    /// @throws IllegalArgumentException if it may not follow, or there is no such token; nothing has changed then
    public void accept(int id) {
        if (!permits(id)) {
            throw new IllegalArgumentException(
                    "token %d may not follow in this grammar".formatted(id));
        }
        if (constraint.lexicon().isEnd(id) && state.accepts()) {
            ended = true;
            return;
        }
        boolean asPlanned = planned < plan.length && plan[planned] == id;
        planned = asPlanned ? planned + 1 : plan.length;
        state = masks.next(state, id, left);
        left--;
    }

    /// Leaves what was learned to the next answer. Nothing may be asked afterwards.
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            constraint.giveBack(masks);
        }
    }
}
