package dev.jinrai.jinja;

import java.util.ArrayList;
import java.util.List;

/// Python's operators on numbers, strings and lists.
final class Arithmetic {
    private Arithmetic() {}

    static Object binary(Operator operator, Object left, Object right, Budget budget) {
        if (Texts.is(left) && operator == Operator.MODULO) {
            return Percent.format(left, right, budget);
        }
        Undefined.check(left);
        Undefined.check(right);
        if (Numbers.is(left) && Numbers.is(right)) {
            return Numbers.binary(operator, left, right);
        }
        if (operator == Operator.MULTIPLY) {
            if (Numbers.isInteger(right)) {
                return repeat(left, Numbers.index(right), budget);
            }
            if (Numbers.isInteger(left)) {
                return repeat(right, Numbers.index(left), budget);
            }
        }
        return operator == Operator.ADD
                ? add(left, right, budget)
                : unsupported(operator, left, right);
    }

    private static Object add(Object left, Object right, Budget budget) {
        if (Texts.is(left) && Texts.is(right)) {
            return joined(left, right, budget);
        }
        if (left instanceof Tuple a && right instanceof Tuple b) {
            return new Tuple(joined(a.items(), b.items(), budget));
        }
        if (left instanceof List<?> a
                && right instanceof List<?> b
                && !(a instanceof Range || b instanceof Range)) {
            return joined(a, b, budget);
        }
        return unsupported(Operator.ADD, left, right);
    }

    private static Object joined(Object left, Object right, Budget budget) {
        Text text = new Text(budget);
        if (left instanceof String a && right instanceof String b) {
            return text.append(a).append(b).toString();
        }
        return new Markup(text.append(escaped(left)).append(escaped(right)).toString());
    }

    private static String escaped(Object text) {
        return text instanceof Markup markup ? markup.text() : Markup.escape(Texts.of(text));
    }

    private static List<Object> joined(List<?> left, List<?> right, Budget budget) {
        budget.elements((long) left.size() + right.size());
        List<Object> joined = new ArrayList<>(left);
        joined.addAll(right);
        return joined;
    }

    private static Object repeat(Object value, long count, Budget budget) {
        return switch (value) {
            case String text -> new Text(budget).repeat(text, count).toString();
            case Markup markup ->
                    new Markup(new Text(budget).repeat(markup.text(), count).toString());
            case Tuple tuple -> new Tuple(repeat(tuple.items(), count, budget));
            case List<?> list when !(list instanceof Range) -> repeat(list, count, budget);
            default -> unsupported(Operator.MULTIPLY, value, count);
        };
    }

    private static List<Object> repeat(List<?> items, long count, Budget budget) {
        List<Object> repeated = new ArrayList<>();
        if (items.isEmpty()) {
            return repeated;
        }
        for (long i = 0; i < count; i++) {
            budget.elements(items.size());
            repeated.addAll(items);
        }
        return repeated;
    }

    private static Object unsupported(Operator operator, Object left, Object right) {
        throw new Problem(
                "'%s' cannot be applied to '%s' and '%s'"
                        .formatted(operator.sign, Types.name(left), Types.name(right)));
    }
}
