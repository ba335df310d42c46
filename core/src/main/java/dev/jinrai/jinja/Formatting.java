package dev.jinrai.jinja;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Python's `'…' % values` and `'…'.format(…)`.
final class Formatting {
    private static final Pattern PERCENT =
            Pattern.compile("%(?:\\((\\w+)\\))?([-+ 0#]*)(\\d*)(?:\\.(\\d+))?([sdirfxXo%])");
    private static final Pattern SPEC =
            Pattern.compile("(?:(.)?([<>^]))?([+ ]?)(0?)(\\d*)(,?)(?:\\.(\\d+))?([sdfxXo]?)");

    private Formatting() {}

    static String percent(String format, Object values, Budget budget) {
        List<Object> all = values instanceof Tuple tuple ? tuple.items() : List.of(values);
        Matcher matcher = PERCENT.matcher(format);
        Text text = new Text(budget);
        int from = 0;
        int next = 0;
        for (int at = format.indexOf('%'); at >= 0; at = format.indexOf('%', from)) {
            if (!matcher.region(at, format.length()).lookingAt()) {
                throw new Problem("unsupported format after '%'");
            }
            text.append(format.substring(from, at));
            from = matcher.end();
            if (matcher.group(5).equals("%")) {
                text.append('%');
                continue;
            }
            Object value;
            if (matcher.group(1) != null && values instanceof Map<?, ?> map) {
                value = Dicts.get(map, matcher.group(1));
            } else if (next < all.size()) {
                value = all.get(next++);
            } else {
                throw new Problem("not enough arguments for the format string");
            }
            percent(matcher, value, text, budget);
        }
        if (next < all.size() && !(values instanceof Map<?, ?>)) {
            throw new Problem("not all arguments are used by the format string");
        }
        return text.append(format.substring(from)).toString();
    }

    private static void percent(Matcher matcher, Object value, Text text, Budget budget) {
        String flags = matcher.group(2);
        String precision = matcher.group(4);
        char type = matcher.group(5).charAt(0);
        String printed =
                switch (type) {
                    case 's' -> cut(Printing.str(value, budget), precision);
                    case 'r' -> cut(Printing.repr(value, budget), precision);
                    default -> number(value, type, precision == null ? "" : precision, budget);
                };
        boolean numeric = "dixXof".indexOf(type) >= 0;
        if (numeric && flags.contains("+") && !printed.startsWith("-")) {
            printed = "+" + printed;
        }
        char align = flags.contains("-") ? '<' : '>';
        String fill = numeric && flags.contains("0") && align == '>' ? "0" : " ";
        pad(printed, matcher.group(3), fill, fill.equals("0") ? '=' : align, text);
    }

    private static String cut(String text, @Nullable String precision) {
        int length = precision == null ? text.length() : width(precision);
        return length >= Texts.length(text)
                ? text
                : text.substring(0, text.offsetByCodePoints(0, length));
    }

    private static int width(String digits) {
        return digits.isEmpty() ? 0 : digits.length() > 8 ? 100_000_000 : Integer.parseInt(digits);
    }

    private static String number(Object value, char type, String precision, Budget budget) {
        Undefined.check(value);
        if (!Numbers.is(value)) {
            throw new Problem("a number is needed for '%%%c'".formatted(type));
        }
        if (type == 'f') {
            int digits = precision.isEmpty() ? 6 : width(precision);
            budget.characters(digits + 400L);
            double real = Numbers.real(value);
            return Double.isFinite(real)
                    ? new BigDecimal(real).setScale(digits, RoundingMode.HALF_EVEN).toPlainString()
                    : Numbers.print(real);
        }
        Object whole =
                value instanceof Double d
                        ? Numbers.integer(new BigDecimal(d).toBigInteger())
                        : value;
        return switch (type) {
            case 'x' -> Numbers.big(whole).toString(16);
            case 'X' -> Texts.upper(Numbers.big(whole).toString(16));
            case 'o' -> Numbers.big(whole).toString(8);
            default -> Numbers.big(whole).toString();
        };
    }

    /// @param align `<`, `>`, `^`, or `=`: behind the sign
    private static void pad(String value, String width, String fill, char align, Text text) {
        long missing = (long) width(width) - Texts.length(value);
        boolean signed = align == '=' && (value.startsWith("-") || value.startsWith("+"));
        long left =
                switch (align) {
                    case '<' -> 0;
                    case '^' -> missing / 2;
                    default -> missing;
                };
        text.append(signed ? value.substring(0, 1) : "");
        text.repeat(fill, left).append(signed ? value.substring(1) : value);
        text.repeat(fill, missing - Math.max(left, 0));
    }

    /// `str.format`, with fields `{}`, `{0}` and `{name}` and the usual specifications.
    static String format(String format, Args args, Budget budget) {
        Text text = new Text(budget);
        int next = 0;
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            boolean twice = i + 1 < format.length() && format.charAt(i + 1) == c;
            if ((c == '{' || c == '}') && twice) {
                text.append(c);
                i++;
            } else if (c == '{') {
                int end = format.indexOf('}', i);
                if (end < 0) {
                    throw new Problem("'{' without '}' in the format string");
                }
                String[] field = format.substring(i + 1, end).split(":", 2);
                String name = field[0].isEmpty() ? String.valueOf(next++) : field[0];
                spec(field(name, args), field.length > 1 ? field[1] : "", text, budget);
                i = end;
            } else if (c == '}') {
                throw new Problem("'}' without '{' in the format string");
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    private static Object field(String name, Args args) {
        if (name.matches("\\d{1,4}") && Integer.parseInt(name) < args.positional().size()) {
            return args.positional().get(Integer.parseInt(name));
        }
        Object value = args.named().get(name);
        if (value == null) {
            throw new Problem("no value for the field '{%s}' of the format string".formatted(name));
        }
        return value;
    }

    private static void spec(Object value, String spec, Text text, Budget budget) {
        Matcher matcher = SPEC.matcher(spec);
        if (!matcher.matches()) {
            throw new Problem("unsupported format '%s'".formatted(spec));
        }
        String precision = matcher.group(7);
        String type = matcher.group(8);
        boolean numeric = Numbers.is(value) && !(value instanceof Boolean && type.isEmpty());
        String printed;
        if (numeric
                && !type.equals("s")
                && !(type.isEmpty() && value instanceof Double && precision == null)) {
            char as = type.isEmpty() ? value instanceof Double ? 'f' : 'd' : type.charAt(0);
            printed = number(value, as, precision == null ? "" : precision, budget);
        } else {
            printed = cut(Printing.str(value, budget), numeric ? null : precision);
        }
        if (!matcher.group(6).isEmpty()) {
            printed = printed.replaceAll("(?<=\\d)(?=(\\d{3})+(?!\\d))(?<!\\.\\d{0,99})", ",");
        }
        if (numeric && !matcher.group(3).isEmpty() && !printed.startsWith("-")) {
            printed = matcher.group(3) + printed;
        }
        String align = matcher.group(2);
        String fill = matcher.group(1) == null ? " " : matcher.group(1);
        if (align == null && !matcher.group(4).isEmpty()) {
            pad(printed, matcher.group(5), "0", '=', text);
        } else {
            char side = align == null ? numeric ? '>' : '<' : align.charAt(0);
            pad(printed, matcher.group(5), fill, side, text);
        }
    }
}
