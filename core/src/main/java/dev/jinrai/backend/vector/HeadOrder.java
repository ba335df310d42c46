package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.BlockedKvCache.BLOCK;

/// How the vectors of one head lie in a block of [BlockedKvCache#BLOCK] positions.
///
/// Attention multiplies a block with several queries at a time, with neighbouring lanes for neighbouring
/// columns of its result ([Tile]). Scores have a column for each position, so keys lie with the positions as
/// neighbours; results have one for each value, so values lie as they come.
/// ```
/// KEYS    element i of position p at i · BLOCK + p       rows are elements
/// VALUES  element i of position p at p · length + i      rows are positions
/// ```
enum HeadOrder {
    KEYS,
    VALUES;

    /// {@return where element 0 of `position` of `head` lies}
    int start(int head, int position, int length) {
        return head * BLOCK * length
                + switch (this) {
                    case KEYS -> position;
                    case VALUES -> position * length;
                };
    }

    /// {@return how far apart the elements of a position lie}
    int step() {
        return switch (this) {
            case KEYS -> BLOCK;
            case VALUES -> 1;
        };
    }

    /// {@return the length of a row, in elements}
    int columns(int length) {
        return switch (this) {
            case KEYS -> BLOCK;
            case VALUES -> length;
        };
    }
}
