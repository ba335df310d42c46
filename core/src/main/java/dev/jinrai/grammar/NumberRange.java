package dev.jinrai.grammar;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Numbers between two bounds, as a grammar of their digits.
final class NumberRange {
    /// What an integer without a bound has at most; more does not fit a double.
    private static final BigInteger MOST = BigInteger.TEN.pow(16).subtract(BigInteger.ONE);

    /// Digits of a bound, before and behind the point: enough for 64 bits.
    private static final int MOST_DIGITS = 20;

    private static final int MORE_DIGITS = 9;

    /// Decimals of so many digits are kept apart by a double.
    private static final int DOUBLE_DIGITS = 15;

    /// How far integers go beyond a bound that is near [#MOST] or above, if nothing else bounds them.
    private static final BigInteger MARGIN = BigInteger.TEN.pow(15);

    private NumberRange() {}

    /// {@return the integers between the bounds; none if there are none}
    ///
    /// @throws GrammarException if a bound has too many digits
    static Optional<Expr> integers(
            Optional<BigDecimal> least,
            Optional<BigDecimal> above,
            Optional<BigDecimal> most,
            Optional<BigDecimal> below) {
        BigInteger low = low(least, above, 0);
        BigInteger high = high(most, below, 0);
        if (most.isEmpty() && below.isEmpty()) {
            high = high.max(low.add(MARGIN));
        }
        if (least.isEmpty() && above.isEmpty()) {
            low = low.min(high.subtract(MARGIN));
        }
        return signed(low, high, 0, Expr.EMPTY, Expr.EMPTY);
    }

    /// {@return some of the numbers between the bounds: as many decimals as the bounds have, two more where a bound is excluded and a
    /// double can tell, and any further ones, except behind the bound itself; none if there are none}
    ///
    /// @throws GrammarException if a bound has more digits than a reader of doubles tells apart
    static Optional<Expr> numbers(
            Optional<BigDecimal> least,
            Optional<BigDecimal> above,
            Optional<BigDecimal> most,
            Optional<BigDecimal> below) {
        int decimals = 0;
        for (Optional<BigDecimal> bound : List.of(least, most)) {
            decimals = Math.max(decimals, bound.map(NumberRange::scale).orElse(0));
        }
        for (Optional<BigDecimal> bound : List.of(above, below)) {
            decimals = Math.max(decimals, bound.map(b -> 2 + scale(b)).orElse(0));
        }
        int digits = 0;
        int needed = 0;
        for (Optional<BigDecimal> bound : List.of(least, above, most, below)) {
            digits = Math.max(digits, bound.map(NumberRange::digits).orElse(0));
            needed = Math.max(needed, bound.map(NumberRange::scale).orElse(0));
        }
        if (digits + needed > DOUBLE_DIGITS) {
            throw new GrammarException(
                    "bounds of a number that have more than %d digits before and behind the point cannot be enforced: doubles are too few"
                            .formatted(DOUBLE_DIGITS));
        }
        decimals = Math.min(decimals, DOUBLE_DIGITS - digits);
        Expr further = new Expr.Repeat(JsonRules.DIGIT, 0, MORE_DIGITS);
        Expr fraction = Expr.sequence(Expr.text("."), new Expr.Repeat(JsonRules.DIGIT, 1, 16));
        Expr zeros = Expr.sequence(Expr.text("."), new Expr.Repeat(Expr.text("0"), 1, 16));
        return signed(
                low(least, above, decimals),
                high(most, below, decimals),
                decimals,
                decimals > 0 ? further : Expr.optional(fraction),
                decimals > 0
                        ? new Expr.Repeat(Expr.text("0"), 0, MORE_DIGITS)
                        : Expr.optional(zeros));
    }

    /// Before the point.
    private static int digits(BigDecimal bound) {
        scale(bound);
        return Math.max(1, bound.precision() - bound.scale());
    }

    private static int scale(BigDecimal bound) {
        BigDecimal bare = bound.stripTrailingZeros();
        if (Math.abs((long) bare.scale()) > MOST_DIGITS
                || bare.precision() > 2 * MOST_DIGITS
                || bare.precision() - (long) bare.scale() > MOST_DIGITS) {
            throw new GrammarException("a bound of more than %d digits".formatted(MOST_DIGITS));
        }
        return Math.max(0, bare.scale());
    }

    /// {@return the least number, in units of the last decimal}
    private static BigInteger low(
            Optional<BigDecimal> least, Optional<BigDecimal> above, int decimals) {
        BigInteger low = units(MOST, decimals).negate();
        if (least.isPresent()) {
            scale(least.get());
            low = round(least.get(), decimals, RoundingMode.CEILING);
        }
        if (above.isPresent()) {
            scale(above.get());
            low = low.max(round(above.get(), decimals, RoundingMode.FLOOR).add(BigInteger.ONE));
        }
        return low;
    }

    private static BigInteger high(
            Optional<BigDecimal> most, Optional<BigDecimal> below, int decimals) {
        BigInteger high = units(MOST, decimals);
        if (most.isPresent()) {
            scale(most.get());
            high = round(most.get(), decimals, RoundingMode.FLOOR);
        }
        if (below.isPresent()) {
            scale(below.get());
            high =
                    high.min(
                            round(below.get(), decimals, RoundingMode.CEILING)
                                    .subtract(BigInteger.ONE));
        }
        return high;
    }

    private static BigInteger units(BigInteger value, int decimals) {
        return value.multiply(BigInteger.TEN.pow(decimals));
    }

    private static BigInteger round(BigDecimal value, int decimals, RoundingMode mode) {
        return value.scaleByPowerOfTen(decimals).setScale(0, mode).toBigIntegerExact();
    }

    /// @param tail what may follow the decimals of a number that is not the largest of its sign
    /// @param last what may follow those of the largest
    private static Optional<Expr> signed(
            BigInteger low, BigInteger high, int decimals, Expr tail, Expr last) {
        List<Expr> options = new ArrayList<>();
        if (low.signum() < 0) {
            BigInteger nearZero = Expr.EMPTY.equals(tail) ? BigInteger.ONE : BigInteger.ZERO;
            BigInteger from = high.signum() < 0 ? high.negate() : nearZero;
            if (from.compareTo(low.negate()) <= 0) {
                List<Expr> negative = new ArrayList<>();
                unsigned(from, low.negate(), decimals, tail, last, negative);
                options.add(Expr.sequence(Expr.text("-"), Expr.choice(negative)));
            }
        }
        BigInteger from = low.max(BigInteger.ZERO);
        if (from.compareTo(high) <= 0) {
            unsigned(from, high, decimals, tail, last, options);
        }
        return options.isEmpty() ? Optional.empty() : Optional.of(Expr.choice(options));
    }

    private static void unsigned(
            BigInteger low,
            BigInteger high,
            int decimals,
            Expr tail,
            Expr last,
            List<Expr> options) {
        boolean same = tail.equals(last);
        BigInteger most = same ? high : high.subtract(BigInteger.ONE);
        for (int length = decimals + 1;
                length <= high.toString().length() || length == decimals + 1;
                length++) {
            BigInteger first =
                    length == decimals + 1 ? BigInteger.ZERO : BigInteger.TEN.pow(length - 1);
            BigInteger from = low.max(first);
            BigInteger to = most.min(BigInteger.TEN.pow(length).subtract(BigInteger.ONE));
            if (from.compareTo(to) <= 0) {
                Expr digits = between(padded(from, length), padded(to, length), decimals);
                options.add(Expr.sequence(digits, tail));
            }
        }
        if (!same) {
            String digits = padded(high, Math.max(decimals + 1, high.toString().length()));
            options.add(Expr.sequence(between(digits, digits, decimals), last));
        }
    }

    private static String padded(BigInteger value, int length) {
        String digits = value.toString();
        return "0".repeat(length - digits.length()) + digits;
    }

    /// {@return the texts of digits between two of the same length, with a point before the last `decimals`}
    private static Expr between(String low, String high, int decimals) {
        if (low.isEmpty()) {
            return Expr.EMPTY;
        }
        Expr point = decimals > 0 && low.length() == decimals ? Expr.text(".") : Expr.EMPTY;
        String lowRest = low.substring(1);
        String highRest = high.substring(1);
        String zeros = "0".repeat(lowRest.length());
        String nines = "9".repeat(lowRest.length());
        char a = low.charAt(0);
        char b = high.charAt(0);
        if (a == b) {
            return Expr.sequence(point, Expr.range(a, a), between(lowRest, highRest, decimals));
        }
        List<Expr> options = new ArrayList<>();
        if (!lowRest.equals(zeros)) {
            options.add(Expr.sequence(Expr.range(a, a), between(lowRest, nines, decimals)));
            a++;
        }
        boolean whole = highRest.equals(nines);
        char last = whole ? b : (char) (b - 1);
        if (a <= last) {
            options.add(Expr.sequence(Expr.range(a, last), any(zeros.length(), decimals)));
        }
        if (!whole) {
            options.add(Expr.sequence(Expr.range(b, b), between(zeros, highRest, decimals)));
        }
        return Expr.sequence(point, Expr.choice(options));
    }

    private static Expr any(int digits, int decimals) {
        if (decimals == 0 || digits < decimals) {
            return new Expr.Repeat(JsonRules.DIGIT, digits, digits);
        }
        return Expr.sequence(
                new Expr.Repeat(JsonRules.DIGIT, digits - decimals, digits - decimals),
                Expr.text("."),
                new Expr.Repeat(JsonRules.DIGIT, decimals, decimals));
    }
}
