package dev.jinrai.backend;

/// Which experts each token of a pass goes to, and how much each counts.
///
/// Mutable, made by [Backend#allocateRouting] and filled by [Backend#topK].
public interface Routing {
    /// {@return the number of tokens}
    int rows();

    /// {@return the number of experts per token, `K`}
    int used();

    /// {@return the weights of the chosen experts, `T × K`, largest first}
    Buffer weights();

    /// {@return the first `rows` rows; a view}
    Routing first(int rows);
}
