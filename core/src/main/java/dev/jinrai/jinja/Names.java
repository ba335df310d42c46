package dev.jinrai.jinja;

import dev.jinrai.jinja.Expression.Applied;
import dev.jinrai.jinja.Expression.Arguments;
import dev.jinrai.jinja.Expression.Keyword;
import dev.jinrai.jinja.Expression.Link;
import java.util.List;
import java.util.function.Consumer;

/// The names that an expression reads.
final class Names {
    private final Consumer<String> found;

    private Names(Consumer<String> found) {
        this.found = found;
    }

    static void read(Expression expression, Consumer<String> found) {
        new Names(found).in(expression);
    }

    /// Those in the arguments of filters.
    static void readAll(List<Applied> filters, Consumer<String> found) {
        filters.forEach(filter -> new Names(found).in(filter.arguments()));
    }

    private void in(List<Expression> expressions) {
        expressions.forEach(this::in);
    }

    private void in(Arguments arguments) {
        in(arguments.positional());
        arguments.named().stream().map(Keyword::value).forEach(this::in);
        arguments.star().ifPresent(this::in);
        arguments.doubleStar().ifPresent(this::in);
    }

    private void in(Expression expression) {
        switch (expression) {
            case Expression.Literal _ -> {}
            case Expression.Name name -> found.accept(name.name());
            case Expression.Items items -> in(items.items());
            case Expression.Dict dict -> {
                in(dict.keys());
                in(dict.values());
            }
            case Expression.Attribute attribute -> in(attribute.of());
            case Expression.Item item -> in(List.of(item.of(), item.index()));
            case Expression.Slice slice -> {
                in(slice.of());
                slice.start().ifPresent(this::in);
                slice.stop().ifPresent(this::in);
                slice.step().ifPresent(this::in);
            }
            case Expression.Call call -> {
                in(call.callee());
                in(call.arguments());
            }
            case Expression.Filtered filtered -> {
                in(filtered.input());
                in(filtered.filter().arguments());
            }
            case Expression.Tested tested -> {
                in(tested.input());
                in(tested.test().arguments());
            }
            case Expression.Negative negative -> in(negative.of());
            case Expression.Positive positive -> in(positive.of());
            case Expression.Not not -> in(not.of());
            case Expression.And and -> in(List.of(and.left(), and.right()));
            case Expression.Or or -> in(List.of(or.left(), or.right()));
            case Expression.Binary binary -> in(List.of(binary.left(), binary.right()));
            case Expression.Concatenation parts -> in(parts.parts());
            case Expression.Comparison comparison -> {
                in(comparison.first());
                comparison.links().stream().map(Link::right).forEach(this::in);
            }
            case Expression.Conditional conditional -> {
                in(List.of(conditional.test(), conditional.then()));
                conditional.otherwise().ifPresent(this::in);
            }
        }
    }
}
