package dev.jinrai.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;

/// Python's numbers: integers of any length as [Long] or, beyond, [BigInteger]; floats as [Double];
/// booleans count as 0 and 1.
final class Numbers {
    /// Bits an integer may have; no template needs longer ones.
    private static final int LONGEST = 4096;

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
        return value instanceof Double d ? d : big(value).doubleValue();
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
            case DIVIDE -> real(left) / divisor(real(right));
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

    private static BigInteger floorDivide(BigInteger a, BigInteger b) {
        BigInteger[] parts = a.divideAndRemainder(b);
        boolean down = parts[1].signum() != 0 && a.signum() != b.signum();
        return down ? parts[0].subtract(BigInteger.ONE) : parts[0];
    }

    private static Object power(BigInteger base, BigInteger exponent) {
        if (exponent.signum() < 0) {
            return Math.pow(divisor(base.doubleValue()), exponent.doubleValue());
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
            case FLOOR_DIVIDE -> Math.floor(a / divisor(b));
            case MODULO -> modulo(a, divisor(b));
            case POWER -> Math.pow(a, b);
        };
    }

    private static double modulo(double a, double b) {
        double rest = a % b;
        return rest != 0 && rest < 0 != b < 0 ? rest + b : rest;
    }

    static int compare(Object left, Object right) {
        if (isInteger(left) && isInteger(right)) {
            return big(left).compareTo(big(right));
        }
        double a = real(left);
        double b = real(right);
        return Double.compare(a == 0 ? 0.0 : a, b == 0 ? 0.0 : b);
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
        BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        String digits = decimal.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - decimal.scale();
        String sign = value < 0 ? "-" : "";
        return sign
                + (exponent < -4 || exponent >= 16 ? scientific(digits, exponent) : plain(decimal));
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
        String digits = Texts.strip(text, true, true).replace("_", "");
        try {
            return Optional.of(integer(new BigInteger(digits, base)));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /// {@return Python's `float(text)`, if it is a number}
    static Optional<Double> parseReal(String text) {
        String digits = Texts.lower(Texts.strip(text, true, true)).replace("_", "");
        String unsigned =
                digits.startsWith("-") || digits.startsWith("+") ? digits.substring(1) : digits;
        double sign = digits.startsWith("-") ? -1 : 1;
        return switch (unsigned) {
            case "inf", "infinity" -> Optional.of(sign * Double.POSITIVE_INFINITY);
            case "nan" -> Optional.of(Double.NaN);
            default ->
                    unsigned.matches("(\\d+\\.?\\d*|\\.\\d+)(e[+-]?\\d+)?")
                            ? Optional.of(Double.parseDouble(digits))
                            : Optional.empty();
        };
    }
}
