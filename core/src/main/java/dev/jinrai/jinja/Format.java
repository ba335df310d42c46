package dev.jinrai.jinja;

import java.util.Optional;

/// Python's `str.format`: fields `{name.attribute[item]!conversion:specification}`, where the
/// specification may have fields too.
final class Format {
    private final Object self;
    private final Args args;
    private final Access access;
    private final Budget budget;
    private int automatic;
    private boolean manual;

    private Format(Object self, Args args, Budget budget) {
        this.self = self;
        this.args = args;
        this.budget = budget;
        access = new Access(budget);
    }

    static Object format(Object self, Args args, Budget budget) {
        String text = new Format(self, args, budget).expand(Texts.of(self), 2);
        return Texts.like(self, text);
    }

    private String expand(String format, int levels) {
        if (levels == 0) {
            throw new Problem("the format string has fields in fields in fields");
        }
        budget.scan(format.length());
        Text text = new Text(budget);
        int i = 0;
        while (i < format.length()) {
            char c = format.charAt(i);
            boolean twice = i + 1 < format.length() && format.charAt(i + 1) == c;
            if (c != '{' && c != '}') {
                int end = next(format, i);
                text.append(format.substring(i, end));
                i = end;
            } else if (twice) {
                text.append(c);
                i += 2;
            } else if (c == '}') {
                throw new Problem("'}' without '{' in the format string");
            } else {
                int end = close(format, i);
                field(format.substring(i + 1, end), text, levels);
                i = end + 1;
            }
        }
        return text.toString();
    }

    private static int next(String format, int from) {
        int at = from;
        while (at < format.length() && format.charAt(at) != '{' && format.charAt(at) != '}') {
            at++;
        }
        return at;
    }

    private static int close(String format, int open) {
        int depth = 0;
        for (int i = open; i < format.length(); i++) {
            depth += format.charAt(i) == '{' ? 1 : format.charAt(i) == '}' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        throw new Problem("'{' without '}' in the format string");
    }

    private void field(String field, Text text, int levels) {
        int name = 0;
        boolean bracket = false;
        while (name < field.length()
                && (bracket || (field.charAt(name) != '!' && field.charAt(name) != ':'))) {
            bracket = field.charAt(name) == '[' || (bracket && field.charAt(name) != ']');
            name++;
        }
        Object value = value(field.substring(0, name));
        String rest = field.substring(name);
        if (rest.startsWith("!")) {
            value = converted(value, rest);
            rest = rest.substring(2);
        }
        if (!rest.isEmpty() && !rest.startsWith(":")) {
            throw new Problem("expected ':' behind the conversion in the format string");
        }
        String spec = rest.isEmpty() ? "" : rest.substring(1);
        spec = spec.indexOf('{') < 0 ? spec : expand(spec, levels - 1);
        if (!(self instanceof Markup)) {
            FormatSpec.write(value, spec, text, budget);
        } else if (value instanceof Markup markup) {
            text.append(markup.text());
        } else {
            Text plain = new Text(budget);
            FormatSpec.write(value, spec, plain, budget);
            text.append(Markup.escape(plain.toString()));
        }
    }

    private Object converted(Object value, String rest) {
        return switch (rest.length() > 1 ? rest.charAt(1) : ' ') {
            case 's' -> Printing.str(value, budget);
            case 'r', 'a' -> Printing.repr(value, budget);
            default -> throw new Problem("unknown conversion in the format string");
        };
    }

    private Object value(String name) {
        int end = 0;
        while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
            end++;
        }
        Object value = first(name.substring(0, end));
        int at = end;
        while (at < name.length()) {
            int from = at + 1;
            if (name.charAt(at) == '[') {
                int close = name.indexOf(']', from);
                if (close <= from) {
                    throw new Problem("'[' without an index in the format string");
                }
                String index = name.substring(from, close);
                value = access.subscript(value, index(index).map(n -> (Object) n).orElse(index));
                at = close + 1;
            } else if (name.charAt(at) == '.') {
                at = from;
                while (at < name.length() && name.charAt(at) != '.' && name.charAt(at) != '[') {
                    at++;
                }
                value = access.attribute(value, name.substring(from, at));
            } else {
                throw new Problem("only '.' or '[' may follow ']' in the format string");
            }
        }
        return value;
    }

    private static Optional<Long> index(String text) {
        boolean digits =
                !text.isEmpty()
                        && text.length() < 10
                        && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }

    private Object first(String name) {
        Optional<Long> index = index(name);
        if (name.isEmpty() ? manual : index.isPresent() && automatic > 0) {
            throw new Problem("the format string mixes '{}' and '{0}'");
        }
        if (name.isEmpty()) {
            index = Optional.of((long) automatic++);
        } else if (index.isPresent()) {
            manual = true;
        }
        if (index.isPresent()) {
            if (index.get() >= args.positional().size()) {
                throw new Problem(
                        "no value for field %d of the format string".formatted(index.get()));
            }
            return args.positional().get(index.get().intValue());
        }
        Object value = args.named().get(name);
        if (value == null) {
            throw new Problem(
                    "no value for the field '{%s}' of the format string"
                            .formatted(Texts.beginning(name)));
        }
        return value;
    }
}
