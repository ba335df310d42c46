package dev.jinrai.jinja;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Jinja's tests: what follows `is`.
final class Tests {
    private final Budget budget;

    Tests(Budget budget) {
        this.budget = budget;
    }

    private static final Set<String> NAMES =
            Set.of(
                    "!=",
                    "<",
                    "<=",
                    "==",
                    ">",
                    ">=",
                    "boolean",
                    "callable",
                    "defined",
                    "divisibleby",
                    "eq",
                    "equalto",
                    "escaped",
                    "even",
                    "false",
                    "filter",
                    "float",
                    "ge",
                    "greaterthan",
                    "gt",
                    "in",
                    "integer",
                    "iterable",
                    "le",
                    "lessthan",
                    "lower",
                    "lt",
                    "mapping",
                    "ne",
                    "none",
                    "number",
                    "odd",
                    "sameas",
                    "sequence",
                    "string",
                    "test",
                    "true",
                    "undefined",
                    "upper");

    /// {@return whether there is a test of this name}
    static boolean has(String name) {
        return NAMES.contains(name);
    }

    boolean test(String name, Object value, Args args) {
        budget.step();
        return switch (name) {
            case "eq", "equalto", "==" -> Comparing.equal(value, other(name, args), budget);
            case "ne", "!=" -> !Comparing.equal(value, other(name, args), budget);
            case "lt", "lessthan", "<" -> Comparing.compare(value, other(name, args), budget) < 0;
            case "le", "<=" -> Comparing.compare(value, other(name, args), budget) <= 0;
            case "gt", "greaterthan", ">" ->
                    Comparing.compare(value, other(name, args), budget) > 0;
            case "ge", ">=" -> Comparing.compare(value, other(name, args), budget) >= 0;
            case "in" -> Comparing.contains(other(name, args), value, budget);
            case "sameas" -> same(value, other(name, args));
            case "divisibleby" -> divisible(value, other(name, args));
            default -> {
                args.bind("the test '" + name + "'");
                yield plain(name, value);
            }
        };
    }

    private static Object other(String name, Args args) {
        return args.bind("the test '" + name + "'", "other").need("other");
    }

    @SuppressWarnings("ReferenceEquality") // What `sameas` asks.
    private static boolean same(Object value, Object other) {
        boolean simple =
                value instanceof Boolean || value instanceof Long || value instanceof String;
        return simple ? value.equals(other) : value == other;
    }

    private static boolean divisible(Object value, Object by) {
        return !Truth.of(
                Numbers.binary(Operator.MODULO, Undefined.check(value), Undefined.check(by)));
    }

    private boolean plain(String name, Object value) {
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value == None.NONE;
            case "string" -> Texts.is(value);
            case "mapping" -> value instanceof Map<?, ?>;
            case "iterable" -> Iteration.can(value);
            case "sequence" ->
                    Texts.is(value)
                            || value instanceof List<?>
                            || value instanceof Tuple
                            || value instanceof Map<?, ?>
                            || value instanceof Undefined;
            case "number" -> Numbers.is(value);
            case "integer" -> value instanceof Long || value instanceof BigInteger;
            case "float" -> value instanceof Double;
            case "boolean" -> value instanceof Boolean;
            case "true" -> value.equals(true);
            case "false" -> value.equals(false);
            case "odd" -> rest(value) == 1;
            case "even" -> rest(value) == 0;
            case "callable" ->
                    value instanceof Function
                            || value instanceof Loop
                            || value instanceof Undefined;
            case "escaped" -> value instanceof Markup;
            case "upper", "lower" -> cased(name, value);
            default -> throw new Problem("no test named '%s'".formatted(name));
        };
    }

    private static double rest(Object value) {
        Object rest = Numbers.binary(Operator.MODULO, Undefined.check(value), 2L);
        return Numbers.real(rest);
    }

    private boolean cased(String name, Object value) {
        return Texts.cased(Printing.str(value, budget), name.equals("upper"), budget);
    }
}
