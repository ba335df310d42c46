package dev.jinrai.huggingface;

/// Which row stands at each place of a matrix.
@FunctionalInterface
interface RowOrder {
    RowOrder AS_IT_IS = row -> row;

    int row(int place);

    /// The order that makes neighbours of what turns together: of a head with `2n` rows that turn, `0, n, 1, n + 1, …`.
    ///
    /// @param headRows the rows of a head
    /// @param turning how many of them turn, the first ones: an even number
    static RowOrder interleaved(int headRows, int turning) {
        return place -> {
            int inHead = place % headRows;
            return inHead >= turning
                    ? place
                    : place - inHead + inHead / 2 + inHead % 2 * (turning / 2);
        };
    }
}
