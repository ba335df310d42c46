package dev.jinrai.jinja;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Python's format specification: `[[fill]align][sign][#][0][width][,_][.precision][type]`.
final class FormatSpec {
    private static final Pattern SPEC =
            Pattern.compile(
                    "(?:(.)?([<>=^]))?([-+"
                            + " ]?)(#?)(0?)(\\d{0,9})([,_]?)(?:\\.(\\d{1,9}))?([bcdeEfFgGosxX%]?)",
                    Pattern.DOTALL);

    private final Object value;
    private final String spec;
    private final Padding padding;
    private final String grouping;
    private final long precision;
    private final char type;
    private final Budget budget;

    private FormatSpec(Object value, String spec, Matcher matcher, Budget budget) {
        this.value = value;
        this.spec = spec;
        this.budget = budget;
        String align = matcher.group(2);
        boolean zero = !matcher.group(5).isEmpty();
        String fill = matcher.group(1) == null ? zero ? "0" : " " : matcher.group(1);
        String sign = matcher.group(3).equals("-") ? "" : matcher.group(3);
        padding =
                new Padding(
                        matcher.group(6).isEmpty() ? 0 : Long.parseLong(matcher.group(6)),
                        fill,
                        align != null ? align.charAt(0) : zero && Numbers.is(value) ? '=' : 0,
                        sign,
                        !matcher.group(4).isEmpty());
        grouping = matcher.group(7);
        precision = matcher.group(8) == null ? -1 : Long.parseLong(matcher.group(8));
        type = matcher.group(9).isEmpty() ? 0 : matcher.group(9).charAt(0);
    }

    static void write(Object value, String spec, Text out, Budget budget) {
        if (spec.isEmpty()) {
            out.append(Printing.str(value, budget));
            return;
        }
        Matcher matcher = SPEC.matcher(spec);
        if (!matcher.matches() || !(Texts.is(value) || Numbers.is(value))) {
            throw new Problem(
                    "the format '%s' is not for a %s"
                            .formatted(Texts.beginning(spec), Types.name(value)));
        }
        new FormatSpec(value, spec, matcher, budget).write(out);
    }

    private Problem wrong() {
        return new Problem("the format '%s' is not for a %s".formatted(spec, Types.name(value)));
    }

    private void write(Text out) {
        if (Texts.is(value)) {
            boolean plain = padding.sign().isEmpty() && !padding.alternate() && grouping.isEmpty();
            if ((type != 0 && type != 's') || !plain || padding.align() == '=') {
                throw wrong();
            }
            padding.text(Padding.cut(Texts.of(value), precision), out);
        } else if (value instanceof Double || "eEfFgG%".indexOf(type) >= 0) {
            real(out);
        } else {
            integer(out);
        }
    }

    private void integer(Text out) {
        if (precision >= 0 || type == 's' || (type == 'c' && !padding.sign().isEmpty())) {
            throw wrong();
        }
        if (type == 'c') {
            long code = Numbers.index(value);
            if (code < 0 || code > Character.MAX_CODE_POINT) {
                throw wrong();
            }
            padding.text(Character.toString((int) code), out);
            return;
        }
        int radix =
                switch (type) {
                    case 'b' -> 2;
                    case 'o' -> 8;
                    case 'x', 'X' -> 16;
                    default -> 10;
                };
        if (radix != 10 && grouping.equals(",")) {
            throw wrong();
        }
        String digits = Numbers.big(value).abs().toString(radix);
        String prefix = padding.alternate() && radix != 10 ? "0" + type : "";
        padding.number(
                Numbers.big(value).signum() < 0,
                prefix,
                grouped(type == 'X' ? Texts.upper(digits) : digits, radix == 10 ? 3 : 4),
                out);
    }

    private void real(Text out) {
        if (type != 0 && "eEfFgG%".indexOf(type) < 0) {
            throw wrong();
        }
        double number = Numbers.real(value);
        double size = Math.abs(number);
        long digits = precision < 0 ? 6 : precision;
        String printed =
                !Double.isFinite(number)
                        ? Numbers.print(size)
                        : switch (type) {
                            case 'e', 'E' -> Floats.scientific(size, digits, budget);
                            case 'f', 'F' -> Floats.fixed(size, digits, budget);
                            case 'g', 'G' -> Floats.general(size, digits, false, budget);
                            case '%' -> Floats.fixed(size * 100, digits, budget) + "%";
                            default ->
                                    precision < 0
                                            ? Numbers.print(size)
                                            : Floats.general(size, precision, true, budget);
                        };
        boolean negative = number < 0 || (number == 0 && 1 / number < 0);
        padding.number(
                negative,
                "",
                grouped(Character.isUpperCase(type) ? Texts.upper(printed) : printed, 3),
                out);
    }

    /// Separators between the digits before the point.
    private String grouped(String digits, int size) {
        if (grouping.isEmpty()) {
            return digits;
        }
        if (padding.align() == '=' && padding.fill().equals("0")) {
            throw new Problem("zeros with separators are not supported: '%s'".formatted(spec));
        }
        int end = 0;
        while (end < digits.length() && Character.isLetterOrDigit(digits.charAt(end))) {
            end++;
        }
        StringBuilder grouped = new StringBuilder();
        for (int i = 0; i < end; i++) {
            grouped.append(i > 0 && (end - i) % size == 0 ? grouping : "").append(digits.charAt(i));
        }
        return grouped.append(digits.substring(end)).toString();
    }
}
