package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// The sixteen bytes in which blocks of 32 keep four bits of each code: those of codes `j` and `j + 16`
/// are the low and the high half of byte `j`.
final class Nibbles {
    private Nibbles() {}

    /// Packs the lower four bits of `codes[at] …` into the sixteen bytes at `offset`.
    static void pack(byte[] codes, int at, MemorySegment dst, long offset) {
        for (int j = 0; j < 16; j++) {
            int pair = (codes[at + j] & 0xF) | (codes[at + j + 16] & 0xF) << 4;
            Bits.put8(dst, offset + j, pair);
        }
    }

    /// {@return the fifth bits of `codes[at] …`, that of code `j` in bit `j`}
    static int fifths(byte[] codes, int at) {
        int fifths = 0;
        for (int j = 0; j < 32; j++) {
            fifths |= (codes[at + j] >>> 4 & 1) << j;
        }
        return fifths;
    }
}
