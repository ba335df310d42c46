package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// The 64 bytes in which [Q2_K] and [Q3_K] keep two bits of each of 256 codes.
///
/// Two halves of 128 codes with 32 bytes each: those of code `j` of run `g` of 32 are bits `2g` and
/// `2g + 1` of byte `j`.
final class TwoBits {
    private TwoBits() {}

    /// Packs the lower two bits of `codes[at] …` into the 64 bytes at `offset`.
    static void pack(byte[] codes, int at, MemorySegment dst, long offset) {
        for (int half = 0; half < 2; half++) {
            for (int j = 0; j < 32; j++) {
                int four = 0;
                for (int g = 0; g < 4; g++) {
                    four |= (codes[at + half * 128 + g * 32 + j] & 3) << (2 * g);
                }
                Bits.put8(dst, offset + half * 32L + j, four);
            }
        }
    }
}
