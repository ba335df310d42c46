package dev.jinrai.backend;

/// The shapes that [Backend]'s verbs want. A backend's verb begins with `assert Shapes.matmul(out, weight, x)`: what does not fit
/// would be plausible garbage otherwise. Without `-ea` none of this is called.
///
/// Each check is true, or an [AssertionError] that says what was wanted and what came.
public final class Shapes {
    private Shapes() {}

    /// [Backend#embed]
    public static boolean embed(Buffer out, Weight table, Batch batch) {
        return is("embed: out", out, batch.size(), table.columns());
    }

    /// [Backend#matmul]
    public static boolean matmul(Buffer out, Weight weight, Buffer x) {
        return is("matmul: x", x, x.rows(), weight.columns())
                && is("matmul: out", out, x.rows(), weight.rows());
    }

    /// [Backend#rmsNorm]
    public static boolean rmsNorm(Buffer out, Buffer x, Weight weight) {
        return is("rmsNorm: x", x, x.rows(), weight.columns())
                && is("rmsNorm: out", out, x.rows(), x.columns());
    }

    /// [Backend#rope]
    public static boolean rope(Buffer x, int headLength, Rope rope, Batch batch) {
        if (x.columns() % headLength != 0 || 2 * rope.pairs() > headLength) {
            throw new AssertionError(
                    "rope: wanted whole heads of %d values with %d pairs, got %d columns"
                            .formatted(headLength, rope.pairs(), x.columns()));
        }
        return is("rope: x", x, batch.size(), x.columns());
    }

    /// [Backend#append]: the rows; what a layer's heads are, the backend's cache knows
    public static boolean append(Batch batch, Buffer keys, Buffer values) {
        return is("append: keys", keys, batch.size(), keys.columns())
                && is("append: values", values, batch.size(), values.columns());
    }

    /// [Backend#attention]
    public static boolean attention(Buffer out, Buffer q, Batch batch, Heads heads) {
        return is("attention: q", q, batch.size(), heads.heads() * heads.keyLength())
                && is("attention: out", out, batch.size(), heads.heads() * heads.valueLength());
    }

    /// [Backend#add], [Backend#multiply] and [Backend#gate]
    public static boolean same(Buffer x, Buffer y) {
        return is("element-wise: y", y, x.rows(), x.columns());
    }

    /// [Backend#select]
    public static boolean select(Buffer out, Buffer x, Batch batch) {
        return is("select: x", x, batch.size(), x.columns())
                && is("select: out", out, batch.outputs(), x.columns());
    }

    /// [Backend#topK]
    public static boolean topK(Routing out, Buffer scores) {
        if (out.used() > scores.columns()) {
            throw new AssertionError(
                    "topK: wanted %d scores or more, got %d"
                            .formatted(out.used(), scores.columns()));
        }
        return is("topK: scores", scores, out.rows(), scores.columns());
    }

    /// [Backend#largest]
    public static boolean largest(Buffer out, Buffer x, int columns) {
        int kept = out.columns() / 2;
        if (kept < 1
                || kept > Backend.MOST_LARGEST
                || columns < 1
                || columns > x.columns()
                || x.columns() > 1 << 24) {
            throw new AssertionError(
                    "largest: wanted 1 to %d of 1 to %d columns, got %d of %d"
                            .formatted(
                                    Backend.MOST_LARGEST,
                                    Math.min(x.columns(), 1 << 24),
                                    kept,
                                    columns));
        }
        return is("largest: out", out, x.rows(), 2 * kept);
    }

    /// [Backend#matmulExperts]
    public static boolean matmulExperts(Buffer out, Weight weight, Buffer x, Routing routing) {
        int chosen = routing.rows() * routing.used();
        int rows = x.rows() == routing.rows() ? routing.rows() : chosen;
        return is("matmulExperts: x", x, rows, weight.columns())
                && is("matmulExperts: out", out, chosen, weight.rows());
    }

    /// [Backend#combine]
    public static boolean combine(Buffer out, Buffer y, Routing routing) {
        return is("combine: y", y, routing.rows() * routing.used(), y.columns())
                && is("combine: out", out, routing.rows(), y.columns());
    }

    private static boolean is(String what, Buffer buffer, int rows, int columns) {
        if (buffer.rows() != rows || buffer.columns() != columns) {
            throw new AssertionError(
                    "%s: wanted %d×%d, got %d×%d"
                            .formatted(what, rows, columns, buffer.rows(), buffer.columns()));
        }
        return true;
    }
}
