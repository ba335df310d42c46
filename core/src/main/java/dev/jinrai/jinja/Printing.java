package dev.jinrai.jinja;

import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// Python's `str` and `repr`.
final class Printing {
    private final Budget budget;
    private final Text text;

    private Printing(Budget budget) {
        this.budget = budget;
        this.text = new Text(budget);
    }

    /// {@return `str(value)`}
    static String str(Object value, Budget budget) {
        return Texts.is(value)
                ? Texts.of(value)
                : value instanceof Undefined ? "" : repr(value, budget);
    }

    /// {@return `repr(value)`}
    static String repr(Object value, Budget budget) {
        Printing printing = new Printing(budget);
        printing.add(value);
        return printing.text.toString();
    }

    private void add(Object value) {
        budget.step();
        budget.enter();
        switch (value) {
            case None _ -> text.append("None");
            case Boolean b -> text.append(b ? "True" : "False");
            case Double d -> text.append(Numbers.print(d));
            case String s -> quoted(s);
            case Markup m -> {
                text.append("Markup(");
                quoted(m.text());
                text.append(')');
            }
            case Number n -> text.append(n.toString());
            case Range r -> text.append(r.toString());
            case List<?> l -> list("[", l, "]");
            case Tuple t -> list("(", t.items(), t.items().size() == 1 ? ",)" : ")");
            case View v -> list(v.kind().type + "([", v.items(budget), "])");
            case Map<?, ?> m -> map(m);
            case Undefined _ -> text.append("Undefined");
            case Loop l -> text.append(l.toString());
            case Namespace n -> {
                text.append("<Namespace ");
                map(n.fields);
                text.append('>');
            }
            default -> text.append("<").append(Types.name(value)).append(">");
        }
        budget.leave();
    }

    private void list(String open, List<?> items, String close) {
        text.append(open);
        String separator = "";
        for (Object item : items) {
            text.append(separator);
            add(item);
            separator = ", ";
        }
        text.append(close);
    }

    private void map(Map<?, ?> map) {
        text.append('{');
        String separator = "";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            text.append(separator);
            add(Dicts.shown(entry.getKey()));
            text.append(": ");
            add(entry.getValue());
            separator = ", ";
        }
        text.append('}');
    }

    private void quoted(String string) {
        char quote = string.indexOf('\'') >= 0 && string.indexOf('"') < 0 ? '"' : '\'';
        StringBuilder quoted = new StringBuilder().append(quote);
        string.codePoints()
                .forEach(c -> {
                    if (c == quote || c == '\\') {
                        quoted.append('\\').append((char) c);
                    } else {
                        character(c, quoted);
                    }
                });
        text.append(quoted.append(quote).toString());
    }

    private static void character(int c, StringBuilder quoted) {
        switch (c) {
            case '\n' -> quoted.append("\\n");
            case '\r' -> quoted.append("\\r");
            case '\t' -> quoted.append("\\t");
            default -> {
                if (printable(c)) {
                    quoted.appendCodePoint(c);
                } else {
                    int digits = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
                    quoted.append('\\').append("xuU".charAt(digits == 8 ? 2 : digits / 2 - 1));
                    quoted.append(HexFormat.of().toHexDigits(c, digits));
                }
            }
        }
    }

    static boolean printable(int c) {
        return c == ' '
                || switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SPACE_SEPARATOR ->
                            false;
                    default -> true;
                };
    }
}
