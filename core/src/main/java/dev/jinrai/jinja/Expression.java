package dev.jinrai.jinja;

import java.util.List;
import java.util.Optional;

/// What has a value. `at` is the place in the source that a message names.
sealed interface Expression {
    int at();

    record Literal(int at, Object value) implements Expression {}

    record Name(int at, String name) implements Expression {}

    record Items(int at, boolean tuple, List<Expression> items) implements Expression {}

    record Dict(int at, List<Expression> keys, List<Expression> values) implements Expression {}

    record Attribute(int at, Expression of, String name) implements Expression {}

    record Item(int at, Expression of, Expression index) implements Expression {}

    record Slice(
            int at,
            Expression of,
            Optional<Expression> start,
            Optional<Expression> stop,
            Optional<Expression> step)
            implements Expression {}

    record Call(int at, Expression callee, Arguments arguments) implements Expression {}

    record Filtered(Expression input, Applied filter) implements Expression {
        @Override
        public int at() {
            return filter.at();
        }
    }

    record Tested(Expression input, Applied test) implements Expression {
        @Override
        public int at() {
            return test.at();
        }
    }

    record Negative(int at, Expression of) implements Expression {}

    record Positive(int at, Expression of) implements Expression {}

    record Not(int at, Expression of) implements Expression {}

    record And(int at, Expression left, Expression right) implements Expression {}

    record Or(int at, Expression left, Expression right) implements Expression {}

    record Binary(int at, Operator operator, Expression left, Expression right)
            implements Expression {}

    record Concatenation(int at, List<Expression> parts) implements Expression {}

    record Comparison(int at, Expression first, List<Link> links) implements Expression {}

    record Conditional(int at, Expression test, Expression then, Optional<Expression> otherwise)
            implements Expression {}

    /// One comparison of a chain.
    record Link(String sign, Expression right) {}

    /// A filter or a test with its arguments.
    record Applied(int at, String name, Arguments arguments) {}

    record Keyword(String name, Expression value) {}

    record Arguments(
            List<Expression> positional,
            List<Keyword> named,
            Optional<Expression> star,
            Optional<Expression> doubleStar) {
        static final Arguments NONE =
                new Arguments(List.of(), List.of(), Optional.empty(), Optional.empty());

        static Arguments of(Expression only) {
            return new Arguments(List.of(only), List.of(), Optional.empty(), Optional.empty());
        }
    }
}
