package dev.jinrai.grammar;

/// Counts what finding the tokens that may follow takes, so that a hostile grammar ends in seconds. Mutable; one owner, who shares it
/// with all that works for the same mask.
///
/// A step is a frame that is looked at, followed or merged.
final class Steps {
    /// For one mask; ordinary grammars take some hundred thousand for their first.
    static final long MOST = 20_000_000;

    private long taken;

    /// The next mask, or the next token, is another one.
    void rest() {
        taken = 0;
    }

    /// @throws GrammarException if that is too many
    void take(int more) {
        taken += more;
        if (taken > MOST) {
            throw new GrammarException(
                    "the grammar is too large or too ambiguous: more than %d steps to see which tokens may follow"
                            .formatted(MOST));
        }
    }
}
