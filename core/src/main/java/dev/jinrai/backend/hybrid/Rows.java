package dev.jinrai.backend.hybrid;

import java.util.Arrays;

/// Which side holds the current values of each row: one, or both.
final class Rows {
    private final byte[] sides;

    /// Rows that are the same on both sides.
    Rows(int count) {
        sides = new byte[count];
        Arrays.fill(sides, (byte) (Side.HOST.bit() | Side.DEVICE.bit()));
    }

    /// {@return whether a side has the current values of the first `count` rows}
    boolean all(Side side, int count) {
        for (int r = 0; r < count; r++) {
            if (!has(side, r)) {
                return false;
            }
        }
        return true;
    }

    boolean has(Side side, int row) {
        return (sides[row] & side.bit()) != 0;
    }

    /// Notes that the first `count` rows were written on a side, so that the other one's are old.
    void written(Side side, int count) {
        Arrays.fill(sides, 0, count, (byte) side.bit());
    }

    /// Notes that the first `count` rows were brought up to date on a side.
    void copied(Side side, int count) {
        for (int r = 0; r < count; r++) {
            sides[r] |= (byte) side.bit();
        }
    }
}
