package dev.jinrai.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.regex.Pattern;

/// Python's numbers: integers of any length as [Long] or, beyond, [BigInteger]; floats as [Double];
/// booleans count as 0 and 1.
final class Numbers {
    /// Bits an integer may have; no template needs longer ones.
    private static final int LONGEST = 4096;

    /// Digits of a quotient before it becomes a float, which has 17.
    private static final MathContext QUOTIENT = new MathContext(60);

    private static final Pattern REAL =
            Pattern.compile(
                    "(?:\\d++(?:_\\d++)*+\\.?(?:\\d++(?:_\\d++)*+)?|\\.\\d++(?:_\\d++)*+)(?:e[+-]?\\d++)?");

    private Numbers() {}

    static boolean isInteger(Object value) {
        return value instanceof Long || value instanceof BigInteger || value instanceof Boolean;
    }

    static boolean is(Object value) {
        return isInteger(value) || value instanceof Double;
    }

    static BigInteger big(Object value) {
        return switch (value) {
            case BigInteger n -> n;
            case Long n -> BigInteger.valueOf(n);
            case Boolean b -> b ? BigInteger.ONE : BigInteger.ZERO;
            default -> throw new Problem("an integer is needed, got " + Types.name(value));
        };
    }

    static double real(Object value) {
        return value instanceof Double d ? d : finite(big(value).doubleValue());
    }

    /// {@return a result that a float can hold}
    private static double finite(double value) {
        if (Double.isInfinite(value)) {
            throw new Problem("the number is too large for a float");
        }
        return value;
    }

    /// {@return an integer in its usual form}
    static Object integer(BigInteger value) {
        if (value.bitLength() > LONGEST) {
            throw new Problem("an integer has at most %d bits here".formatted(LONGEST));
        }
        return value.bitLength() < 64 ? (Object) value.longValue() : value;
    }

    /// {@return an integer that counts something}
    static long index(Object value) {
        if (!isInteger(value)) {
            Undefined.check(value);
            throw new Problem("an integer is needed, got " + Types.name(value));
        }
        BigInteger n = big(value);
        return n.bitLength() < 63 ? n.longValue() : n.signum() * (Long.MAX_VALUE >> 1);
    }

    static Object binary(Operator operator, Object left, Object right) {
        return isInteger(left) && isInteger(right)
                ? integers(operator, left, right)
                : reals(operator, real(left), real(right));
    }

    private static Object integers(Operator operator, Object left, Object right) {
        BigInteger a = big(left);
        BigInteger b = big(right);
        return switch (operator) {
            case ADD -> integer(a.add(b));
            case SUBTRACT -> integer(a.subtract(b));
            case MULTIPLY -> integer(a.multiply(b));
            case DIVIDE -> quotient(a, nonzero(b));
            case FLOOR_DIVIDE -> integer(floorDivide(a, nonzero(b)));
            case MODULO -> integer(a.subtract(floorDivide(a, nonzero(b)).multiply(b)));
            case POWER -> power(a, b);
        };
    }

    private static BigInteger nonzero(BigInteger value) {
        divisor(value.signum());
        return value;
    }

    private static double divisor(double value) {
        if (value == 0) {
            throw new Problem("division by zero");
        }
        return value;
    }

    /// The float nearest to the quotient, also where the integers are not floats.
    private static double quotient(BigInteger a, BigInteger b) {
        if (a.bitLength() <= 53 && b.bitLength() <= 53) {
            return a.doubleValue() / b.doubleValue();
        }
        return finite(new BigDecimal(a).divide(new BigDecimal(b), QUOTIENT).doubleValue());
    }

    private static BigInteger floorDivide(BigInteger a, BigInteger b) {
        BigInteger[] parts = a.divideAndRemainder(b);
        boolean down = parts[1].signum() != 0 && a.signum() != b.signum();
        return down ? parts[0].subtract(BigInteger.ONE) : parts[0];
    }

    private static Object power(BigInteger base, BigInteger exponent) {
        if (exponent.signum() < 0) {
            return power(finite(base.doubleValue()), finite(exponent.doubleValue()));
        }
        if (base.abs().bitLength() > 1 && BigInteger.valueOf(LONGEST).compareTo(exponent) < 0) {
            throw new Problem("an integer has at most %d bits here".formatted(LONGEST));
        }
        if (base.abs().bitLength() <= 1) {
            return integer(
                    exponent.signum() == 0 || (!exponent.testBit(0) && base.signum() != 0)
                            ? BigInteger.ONE
                            : base);
        }
        if ((long) base.bitLength() * exponent.intValue() > 2L * LONGEST) {
            throw new Problem("an integer has at most %d bits here".formatted(LONGEST));
        }
        return integer(base.pow(exponent.intValue()));
    }

    private static Object reals(Operator operator, double a, double b) {
        return switch (operator) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case DIVIDE -> a / divisor(b);
            case FLOOR_DIVIDE -> floorDivide(a, divisor(b));
            case MODULO -> modulo(a, divisor(b));
            case POWER -> power(a, b);
        };
    }

    private static double power(double base, double exponent) {
        if (base == 0 && exponent < 0) {
            throw new Problem("zero cannot be raised to a negative power");
        }
        if (base < 0 && Double.isFinite(base) && exponent != Math.rint(exponent)) {
            throw new Problem("a negative number to a broken power is complex, which is not here");
        }
        double power = Math.pow(base, exponent);
        return Double.isFinite(base) && Double.isFinite(exponent) ? finite(power) : power;
    }

    /// As CPython: from the exact rest, so that `1.0 // 0.1` is 9.
    private static double floorDivide(double a, double b) {
        double rest = a % b;
        double quotient = (a - rest) / b;
        if (rest != 0 && rest < 0 != b < 0) {
            quotient -= 1;
        }
        if (quotient == 0) {
            return Math.copySign(0.0, a / b);
        }
        double whole = Math.floor(quotient);
        return quotient - whole > 0.5 ? whole + 1 : whole;
    }

    private static double modulo(double a, double b) {
        double rest = a % b;
        if (rest == 0) {
            return Math.copySign(0.0, b);
        }
        return rest < 0 != b < 0 ? rest + b : rest;
    }

    static int compare(Object left, Object right) {
        if (isInteger(left) && isInteger(right)) {
            return big(left).compareTo(big(right));
        }
        if (left instanceof Double a && right instanceof Double b) {
            return Double.compare(a == 0 ? 0.0 : a, b == 0 ? 0.0 : b);
        }
        return left instanceof Double a
                ? exactly(a, big(right))
                : -exactly((double) (Double) right, big(left));
    }

    /// A float beside an integer that may not be one.
    private static int exactly(double a, BigInteger b) {
        if (!Double.isFinite(a) || b.bitLength() <= 53) {
            double other = Double.isFinite(a) ? b.doubleValue() : 0;
            return Double.compare(a == 0 ? 0.0 : a, other);
        }
        return new BigDecimal(a).compareTo(new BigDecimal(b));
    }

    /// {@return what Python's `repr` of a float is}
    static String print(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        BigDecimal decimal = shortest(value);
        String digits = decimal.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - decimal.scale();
        String sign = value < 0 ? "-" : "";
        return sign
                + (exponent < -4 || exponent >= 16 ? scientific(digits, exponent) : plain(decimal));
    }

    /// Java prints two digits where one is enough: 4.9E-324.
    private static BigDecimal shortest(double value) {
        BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        if (decimal.precision() == 2) {
            BigDecimal shorter = decimal.round(new MathContext(1, RoundingMode.HALF_EVEN));
            return shorter.doubleValue() == value ? shorter.stripTrailingZeros() : decimal;
        }
        return decimal;
    }

    private static String scientific(String digits, int exponent) {
        String mantissa =
                digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
        return "%se%s%02d".formatted(mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
    }

    private static String plain(BigDecimal value) {
        String text = value.abs().toPlainString();
        return text.indexOf('.') < 0 ? text + ".0" : text;
    }

    /// {@return Python's `int(text, base)`, if it is a number}
    static Optional<Object> parseInteger(String text, int base) {
        String digits = Texts.strip(text, true, true);
        boolean negative = digits.startsWith("-");
        digits = negative || digits.startsWith("+") ? digits.substring(1) : digits;
        int prefix =
                switch (digits.length() > 1 ? digits.substring(0, 2) : "") {
                    case "0x", "0X" -> 16;
                    case "0o", "0O" -> 8;
                    case "0b", "0B" -> 2;
                    default -> 0;
                };
        int radix = base == 0 ? prefix == 0 ? 10 : prefix : base;
        if (prefix == radix) {
            digits = digits.substring(2);
            digits = digits.startsWith("_") ? digits.substring(1) : digits;
        }
        Optional<String> plain = joined(digits);
        if (radix < 2
                || radix > 36
                || plain.isEmpty()
                || !plain.get().codePoints().allMatch(c -> Character.digit(c, radix) >= 0)) {
            return Optional.empty();
        }
        if (base == 0 && prefix == 0 && plain.get().matches("0[0-9]*[1-9][0-9]*")) {
            return Optional.empty();
        }
        if (plain.get().length() > LONGEST) {
            throw new Problem("an integer has at most %d bits here".formatted(LONGEST));
        }
        BigInteger value = new BigInteger(plain.get(), radix);
        return Optional.of(integer(negative ? value.negate() : value));
    }

    /// {@return digits without the single underscores between them}
    private static Optional<String> joined(String digits) {
        boolean wrong =
                digits.isEmpty()
                        || digits.startsWith("_")
                        || digits.endsWith("_")
                        || digits.contains("__");
        return wrong ? Optional.empty() : Optional.of(digits.replace("_", ""));
    }

    /// {@return Python's `float(text)`, if it is a number}
    static Optional<Double> parseReal(String text) {
        String number = Texts.lower(Texts.strip(text, true, true));
        String unsigned =
                number.startsWith("-") || number.startsWith("+") ? number.substring(1) : number;
        double sign = number.startsWith("-") ? -1 : 1;
        return switch (unsigned) {
            case "inf", "infinity" -> Optional.of(sign * Double.POSITIVE_INFINITY);
            case "nan" -> Optional.of(Double.NaN);
            default ->
                    unsigned.length() > LONGEST || !REAL.matcher(unsigned).matches()
                            ? Optional.empty()
                            : Optional.of(sign * Double.parseDouble(unsigned.replace("_", "")));
        };
    }
}
