package dev.jinrai.jinja;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/// A float with a given number of digits, as C's `printf` rounds it: from its exact value, half to
/// even. What is given has no sign; infinities and NaN are not given.
final class Floats {
    /// No float has more digits behind its point; further ones are zeros.
    private static final int MOST = 1100;

    private Floats() {}

    /// `%.{digits}f`.
    static String fixed(double value, long digits, Budget budget) {
        int exact = (int) Math.min(digits, MOST);
        budget.characters(exact + 400L);
        String text = new BigDecimal(value).setScale(exact, RoundingMode.HALF_EVEN).toPlainString();
        return new Text(budget).append(text).repeat("0", digits - exact).toString();
    }

    /// `%.{digits}e`.
    static String scientific(double value, long digits, Budget budget) {
        int exact = (int) Math.min(digits, MOST);
        BigDecimal rounded = rounded(value, exact + 1);
        String all = rounded.unscaledValue().toString();
        int exponent = value == 0 ? 0 : all.length() - 1 - rounded.scale();
        Text text = new Text(budget).append(all.substring(0, 1));
        if (digits > 0) {
            String behind = all.substring(1, Math.min(all.length(), exact + 1));
            text.append('.').append(behind).repeat("0", digits - behind.length());
        }
        return text.append("e%s%02d".formatted(exponent < 0 ? "-" : "+", Math.abs(exponent)))
                .toString();
    }

    /// `%.{digits}g`: the shorter of both, without zeros at its end.
    ///
    /// @param point write a digit behind the point, as `format` does where no type is given
    static String general(double value, long digits, boolean point, Budget budget) {
        long significant = Math.max(1, digits);
        BigDecimal rounded = rounded(value, (int) Math.min(significant, MOST));
        int exponent = value == 0 ? 0 : rounded.precision() - 1 - rounded.scale();
        if (exponent < -4 || exponent >= significant - (point ? 1 : 0)) {
            String text = scientific(value, Math.min(significant, MOST) - 1, budget);
            int e = text.indexOf('e');
            return trimmed(text.substring(0, e)) + text.substring(e);
        }
        String text = trimmed(fixed(value, Math.min(significant, MOST) - 1 - exponent, budget));
        return point && text.indexOf('.') < 0 ? text + ".0" : text;
    }

    private static BigDecimal rounded(double value, int digits) {
        return new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_EVEN));
    }

    private static String trimmed(String text) {
        if (text.indexOf('.') < 0) {
            return text;
        }
        int end = text.length();
        while (text.charAt(end - 1) == '0') {
            end--;
        }
        return text.substring(0, text.charAt(end - 1) == '.' ? end - 1 : end);
    }
}
