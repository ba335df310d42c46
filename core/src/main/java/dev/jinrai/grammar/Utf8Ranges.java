package dev.jinrai.grammar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Ranges of characters as sequences of ranges of bytes, by which they are written in UTF-8.
///
/// `U+0000–U+10FFFF` without surrogates is nine sequences: `00–7F`; `C2–DF 80–BF`; `E0 A0–BF 80–BF`; … (The Unicode Standard,
/// table 3-7). The splitting is that of RE2 (Cox 2010, "Regular Expression Matching in the Wild").
final class Utf8Ranges {
    private static final int[] LAST_OF_LENGTH = {0x7F, 0x7FF, 0xFFFF};

    private final List<int[]> sequences = new ArrayList<>();

    private Utf8Ranges() {}

    /// {@return of each sequence the first and last of its first byte, of its second, …}
    static List<int[]> of(CharSet set) {
        var ranges = new Utf8Ranges();
        int[] bounds = set.ranges();
        for (int i = 0; i < bounds.length; i += 2) {
            ranges.split(bounds[i], bounds[i + 1]);
        }
        return ranges.sequences;
    }

    private void split(int from, int to) {
        for (int last : LAST_OF_LENGTH) {
            if (from <= last && last < to) {
                split(from, last);
                split(last + 1, to);
                return;
            }
        }
        for (int bytes = 1; to > 0x7F && bytes <= 3; bytes++) {
            int low = (1 << (6 * bytes)) - 1; // the bits of the last bytes
            if ((from & ~low) != (to & ~low)) {
                if ((from & low) != 0) {
                    split(from, from | low);
                    split((from | low) + 1, to);
                    return;
                }
                if ((to & low) != low) {
                    split(from, (to & ~low) - 1);
                    split(to & ~low, to);
                    return;
                }
            }
        }
        byte[] first = Character.toString(from).getBytes(StandardCharsets.UTF_8);
        byte[] last = Character.toString(to).getBytes(StandardCharsets.UTF_8);
        int[] sequence = new int[2 * first.length];
        for (int i = 0; i < first.length; i++) {
            sequence[2 * i] = first[i] & 0xFF;
            sequence[2 * i + 1] = last[i] & 0xFF;
        }
        sequences.add(sequence);
    }
}
