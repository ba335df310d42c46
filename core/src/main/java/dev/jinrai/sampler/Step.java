package dev.jinrai.sampler;

/// One step from all tokens to the next one: takes candidates away, or changes their logits.
///
/// Allocates nothing when it is applied.
interface Step {
    /// What [#lowers] says where the step looks at more than a few tokens, or raises some.
    int LOOKS_AT_ALL = -1;

    /// Goes one step further.
    ///
    /// @param candidates at least one, none NaN or `+∞`; at least one stays
    void apply(Candidates candidates);

    /// {@return how many tokens' logits the step lowers next time at most, while it does nothing else; or [#LOOKS_AT_ALL]}
    default int lowers() {
        return LOOKS_AT_ALL;
    }

    /// {@return whether the best candidate is still the best behind this step, always}
    default boolean keepsTheBest() {
        return false;
    }
}
