package dev.jinrai.jinja;

import dev.jinrai.jinja.Expression.Applied;
import dev.jinrai.jinja.Expression.Arguments;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The values of expressions.
final class Evaluator {
    private final Budget budget;
    private final Clock clock;
    private final Access access;
    private final Filters filters;
    private final Tests tests;
    private int place;

    Evaluator(Budget budget, Clock clock) {
        this.budget = budget;
        this.clock = clock;
        access = new Access(budget);
        tests = new Tests(budget);
        filters = new Filters(budget, access, tests);
    }

    Clock clock() {
        return clock;
    }

    /// {@return the place of what is computed now}
    int place() {
        return place;
    }

    void place(int at) {
        place = at;
    }

    Object evaluate(Expression expression, Scope scope) {
        budget.step();
        budget.enter();
        place = expression.at();
        Object value =
                switch (expression) {
                    case Expression.Literal literal -> literal.value();
                    case Expression.Name name -> scope.get(name.name());
                    case Expression.Items items -> items(items, scope);
                    case Expression.Dict dict -> dict(dict, scope);
                    case Expression.Attribute attribute -> attribute(attribute, scope);
                    case Expression.Item item -> item(item, scope);
                    case Expression.Slice slice -> slice(slice, scope);
                    case Expression.Call call -> call(call, scope, Map.of());
                    case Expression.Filtered filtered ->
                            filter(filtered.filter(), evaluate(filtered.input(), scope), scope);
                    case Expression.Tested tested -> test(tested, scope);
                    case Expression.Negative negative -> negative(negative, scope);
                    case Expression.Positive positive -> positive(positive, scope);
                    case Expression.Not not -> !Truth.of(evaluate(not.of(), scope));
                    case Expression.And and -> {
                        Object left = evaluate(and.left(), scope);
                        yield Truth.of(left) ? evaluate(and.right(), scope) : left;
                    }
                    case Expression.Or or -> {
                        Object left = evaluate(or.left(), scope);
                        yield Truth.of(left) ? left : evaluate(or.right(), scope);
                    }
                    case Expression.Binary binary -> binary(binary, scope);
                    case Expression.Concatenation parts -> concatenation(parts, scope);
                    case Expression.Comparison comparison -> comparison(comparison, scope);
                    case Expression.Conditional conditional -> conditional(conditional, scope);
                };
        budget.leave();
        return value;
    }

    private List<Object> all(List<Expression> expressions, Scope scope) {
        List<Object> values = new ArrayList<>(expressions.size());
        for (Expression expression : expressions) {
            values.add(evaluate(expression, scope));
        }
        budget.elements(values.size());
        return values;
    }

    private Object items(Expression.Items items, Scope scope) {
        List<Object> values = all(items.items(), scope);
        return items.tuple() ? new Tuple(values) : values;
    }

    private Object dict(Expression.Dict dict, Scope scope) {
        Map<Object, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < dict.keys().size(); i++) {
            Object key = Dicts.key(evaluate(dict.keys().get(i), scope), budget);
            map.put(key, evaluate(dict.values().get(i), scope));
        }
        budget.elements(2L * map.size());
        return map;
    }

    private Object attribute(Expression.Attribute attribute, Scope scope) {
        Object of = evaluate(attribute.of(), scope);
        place = attribute.at();
        return access.attribute(of, attribute.name());
    }

    private Object item(Expression.Item item, Scope scope) {
        Object of = evaluate(item.of(), scope);
        Object index = evaluate(item.index(), scope);
        place = item.at();
        return access.subscript(of, index);
    }

    private Object slice(Expression.Slice slice, Scope scope) {
        Object of = evaluate(slice.of(), scope);
        Optional<Object> start = slice.start().map(e -> evaluate(e, scope));
        Optional<Object> stop = slice.stop().map(e -> evaluate(e, scope));
        Optional<Object> step = slice.step().map(e -> evaluate(e, scope));
        place = slice.at();
        return access.slice(of, start, stop, step);
    }

    /// {@return the result of a call, with further arguments by name}
    Object call(Expression.Call call, Scope scope, Map<String, Object> more) {
        Object callee = evaluate(call.callee(), scope);
        Args args = arguments(call.arguments(), scope, more);
        place = call.at();
        Undefined.check(callee);
        return switch (callee) {
            case Function function -> function.call(args);
            case Loop loop -> loop.recurse.call(args);
            default ->
                    throw new Problem("'%s' object is not callable".formatted(Types.name(callee)));
        };
    }

    private Args arguments(Arguments arguments, Scope scope, Map<String, Object> more) {
        if (arguments.equals(Arguments.NONE) && more.isEmpty()) {
            return Args.NONE;
        }
        List<Object> positional = all(arguments.positional(), scope);
        Map<String, Object> named = new LinkedHashMap<>();
        for (Expression.Keyword keyword : arguments.named()) {
            named.put(keyword.name(), evaluate(keyword.value(), scope));
        }
        arguments
                .star()
                .ifPresent(star -> {
                    positional.addAll(Iteration.of(evaluate(star, scope), budget));
                    budget.elements(positional.size());
                });
        arguments.doubleStar().ifPresent(star -> named.putAll(keywords(evaluate(star, scope))));
        named.putAll(more);
        return new Args(positional, named);
    }

    private Map<String, Object> keywords(Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            throw new Problem("** needs a dict, got " + Types.name(value));
        }
        budget.elements(map.size());
        Map<String, Object> keywords = new LinkedHashMap<>();
        map.forEach((key, each) -> keywords.put(Texts.need(key, "**: a name"), each));
        return keywords;
    }

    /// {@return a value after filters in turn}
    Object filter(List<Applied> applied, Object input, Scope scope) {
        Object value = input;
        for (Applied filter : applied) {
            value = filter(filter, value, scope);
        }
        return value;
    }

    private Object filter(Applied filter, Object input, Scope scope) {
        Args args = arguments(filter.arguments(), scope, Map.of());
        place = filter.at();
        return filters.apply(filter.name(), input, args);
    }

    private Object test(Expression.Tested tested, Scope scope) {
        Object input = evaluate(tested.input(), scope);
        Args args = arguments(tested.test().arguments(), scope, Map.of());
        place = tested.test().at();
        return switch (tested.test().name()) {
            case "filter" -> Dicts.key(input, budget) instanceof String name && filters.has(name);
            case "test" -> Dicts.key(input, budget) instanceof String name && Tests.has(name);
            default -> tests.test(tested.test().name(), input, args);
        };
    }

    private Object negative(Expression.Negative negative, Scope scope) {
        Object value = Undefined.check(evaluate(negative.of(), scope));
        place = negative.at();
        return value instanceof Double d
                ? (Object) (-d)
                : Numbers.integer(Numbers.big(value).negate());
    }

    private Object positive(Expression.Positive positive, Scope scope) {
        Object value = Undefined.check(evaluate(positive.of(), scope));
        place = positive.at();
        return value instanceof Double ? value : Numbers.integer(Numbers.big(value));
    }

    private Object binary(Expression.Binary binary, Scope scope) {
        Object left = evaluate(binary.left(), scope);
        Object right = evaluate(binary.right(), scope);
        place = binary.at();
        return Arithmetic.binary(binary.operator(), left, right, budget);
    }

    private Object concatenation(Expression.Concatenation parts, Scope scope) {
        Text text = new Text(budget);
        for (Expression part : parts.parts()) {
            text.append(Printing.str(evaluate(part, scope), budget));
        }
        return text.toString();
    }

    private Object comparison(Expression.Comparison comparison, Scope scope) {
        Object left = evaluate(comparison.first(), scope);
        for (Expression.Link link : comparison.links()) {
            Object right = evaluate(link.right(), scope);
            place = comparison.at();
            if (!holds(link.sign(), left, right)) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private boolean holds(String sign, Object left, Object right) {
        return switch (sign) {
            case "==" -> Comparing.equal(left, right, budget);
            case "!=" -> !Comparing.equal(left, right, budget);
            case "in" -> Comparing.contains(right, left, budget);
            case "not in" -> !Comparing.contains(right, left, budget);
            case "<" -> Comparing.compare(left, right, budget) < 0;
            case "<=" -> Comparing.compare(left, right, budget) <= 0;
            case ">" -> Comparing.compare(left, right, budget) > 0;
            default -> Comparing.compare(left, right, budget) >= 0;
        };
    }

    private Object conditional(Expression.Conditional conditional, Scope scope) {
        if (Truth.of(evaluate(conditional.test(), scope))) {
            return evaluate(conditional.then(), scope);
        }
        return conditional
                .otherwise()
                .map(e -> evaluate(e, scope))
                .orElseGet(() ->
                        new Undefined("the 'if' in the expression is false and has no 'else'"));
    }
}
