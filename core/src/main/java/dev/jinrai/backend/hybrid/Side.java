package dev.jinrai.backend.hybrid;

/// One of the two halves.
enum Side {
    HOST(1),
    DEVICE(2);

    private final int bit;

    Side(int bit) {
        this.bit = bit;
    }

    /// {@return this side as a set}
    int bit() {
        return bit;
    }

    Side other() {
        return this == HOST ? DEVICE : HOST;
    }
}
