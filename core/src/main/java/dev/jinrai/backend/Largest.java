package dev.jinrai.backend;

import java.util.Arrays;

/// The definition of [Backend#largest], for one row: the largest so far in order, and each value put in its place.
final class Largest {
    private Largest() {}

    /// Writes the columns' numbers to `out[at …]` and the values to `out[at + kept …]`.
    ///
    /// @param x the row is `x[from … from + columns - 1]`
    static void of(float[] x, int from, int columns, float[] out, int at, int kept) {
        int values = at + kept;
        Arrays.fill(out, at, values, -1);
        Arrays.fill(out, values, values + kept, Float.NEGATIVE_INFINITY);
        int size = 0;
        for (int c = 0; c < columns; c++) {
            float value = x[from + c];
            if (size == kept && !before(value, out[values + kept - 1])) {
                continue;
            }
            size = Math.min(size + 1, kept);
            int place = size - 1;
            for (; place > 0 && before(value, out[values + place - 1]); place--) {
                out[at + place] = out[at + place - 1];
                out[values + place] = out[values + place - 1];
            }
            out[at + place] = c;
            out[values + place] = value;
        }
    }

    /// {@return whether a value comes before one of a lower column}
    private static boolean before(float value, float earlier) {
        return value > earlier || (Float.isNaN(value) && !Float.isNaN(earlier));
    }
}
