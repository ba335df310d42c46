package dev.jinrai.grammar;

/// One step of a [Program]; other nodes are numbers.
sealed interface Node {
    /// The rule, or one [Round] of a loop, ends here.
    record End() implements Node {}

    /// One byte, and where it leads.
    ///
    /// @param edges first byte, last byte and node of each edge; no two edges overlap
    @SuppressWarnings("ArrayRecordComponent") // never compared, never changed
    record Bytes(int[] edges) implements Node {}

    /// Goes on at any of these.
    @SuppressWarnings("ArrayRecordComponent")
    record Fork(int[] targets) implements Node {}

    /// A rule, then `next`.
    record Call(int rule, int next) implements Node {}

    /// The body of a [Round], `min` to `max` times, then what is behind it.
    record Loop(int round, int min, int max) implements Node {}

    /// `body`, which finishes with an [End], as often as the frame at this node says, then `next`: one node for all loops that differ in
    /// counts alone. A frame's place, never come to by itself.
    record Round(int body, int next) implements Node {}

    /// A token as a whole, then `next`.
    ///
    /// @param reference which of [Program#tokens]
    record Token(int reference, boolean not, int next) implements Node {}
}
