package dev.jinrai.sampler;

/// What ends a chain: one of the candidates.
interface Selection {
    /// {@return a token's id}
    int select(Candidates candidates);
}
