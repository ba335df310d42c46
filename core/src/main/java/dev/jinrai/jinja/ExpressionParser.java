package dev.jinrai.jinja;

import dev.jinrai.jinja.Expression.Applied;
import dev.jinrai.jinja.Expression.Arguments;
import dev.jinrai.jinja.Expression.Keyword;
import dev.jinrai.jinja.Expression.Link;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Expressions, with the precedence of Jinja: conditional, or, and, not, comparison, `+ -`, `~`,
/// `* / // %`, `**`, sign, then attributes and calls, then filters and tests.
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    private final TokenStream tokens;

    /// Every name that was read, for macros that ask what they use.
    final List<String> names = new ArrayList<>();

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    Expression expression() {
        tokens.enter();
        Expression value = or();
        while (tokens.atName("if")) {
            int at = tokens.take().at();
            Expression test = or();
            Optional<Expression> otherwise =
                    tokens.skipName("else") ? Optional.of(expression()) : Optional.empty();
            value = new Expression.Conditional(at, test, value, otherwise);
        }
        tokens.leave();
        return value;
    }

    /// An expression, or several with commas between them: a tuple.
    Expression tuple() {
        int at = tokens.peek().at();
        Expression first = expression();
        return tokens.atSign(",") ? tuple(at, first) : first;
    }

    private Expression tuple(int at, Expression first) {
        List<Expression> items = new ArrayList<>(List.of(first));
        while (tokens.skipSign(",") && !endsTuple()) {
            items.add(expression());
        }
        return new Expression.Items(at, true, items);
    }

    private boolean endsTuple() {
        return tokens.at(Token.Kind.TAG_END)
                || tokens.at(Token.Kind.PRINT_END)
                || tokens.atSign(")")
                || tokens.atSign("]");
    }

    /// What a `for` goes over, or what an `if` tests: no conditional, because `if` begins the
    /// condition of a loop.
    Expression unconditional() {
        int at = tokens.peek().at();
        Expression first = or();
        if (!tokens.atSign(",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>(List.of(first));
        while (tokens.skipSign(",") && !endsTuple() && !tokens.atName("recursive")) {
            items.add(or());
        }
        return new Expression.Items(at, true, items);
    }

    private Expression or() {
        Expression left = and();
        while (tokens.atName("or")) {
            left = new Expression.Or(tokens.take().at(), left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.atName("and")) {
            left = new Expression.And(tokens.take().at(), left, not());
        }
        return left;
    }

    private Expression not() {
        if (!tokens.atName("not")) {
            return comparison();
        }
        tokens.enter();
        Expression negated = new Expression.Not(tokens.take().at(), not());
        tokens.leave();
        return negated;
    }

    private Expression comparison() {
        int at = tokens.peek().at();
        Expression first = sum();
        List<Link> links = new ArrayList<>();
        while (true) {
            Token token = tokens.peek();
            if (token.kind() == Token.Kind.OPERATOR && COMPARISONS.contains(token.text())) {
                links.add(new Link(tokens.take().text(), sum()));
            } else if (tokens.skipName("in")) {
                links.add(new Link("in", sum()));
            } else if (tokens.atName("not") && tokens.peek(1).is(Token.Kind.NAME, "in")) {
                tokens.take();
                tokens.take();
                links.add(new Link("not in", sum()));
            } else {
                return links.isEmpty() ? first : new Expression.Comparison(at, first, links);
            }
        }
    }

    private Expression sum() {
        Expression left = concatenation();
        while (tokens.atSign("+") || tokens.atSign("-")) {
            Token sign = tokens.take();
            left = binary(sign, left, concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        int at = tokens.peek().at();
        List<Expression> parts = new ArrayList<>(List.of(product()));
        while (tokens.skipSign("~")) {
            parts.add(product());
        }
        return parts.size() == 1 ? parts.getFirst() : new Expression.Concatenation(at, parts);
    }

    private Expression product() {
        Expression left = power();
        while (tokens.atSign("*")
                || tokens.atSign("/")
                || tokens.atSign("//")
                || tokens.atSign("%")) {
            Token sign = tokens.take();
            left = binary(sign, left, power());
        }
        return left;
    }

    private Expression power() {
        Expression left = signed(true);
        while (tokens.atSign("**")) {
            Token sign = tokens.take();
            left = binary(sign, left, signed(true));
        }
        return left;
    }

    private static Expression binary(Token sign, Expression left, Expression right) {
        return new Expression.Binary(sign.at(), Operator.of(sign.text()), left, right);
    }

    private Expression signed(boolean filters) {
        tokens.enter();
        int at = tokens.peek().at();
        Expression value;
        if (tokens.skipSign("-")) {
            value = new Expression.Negative(at, signed(false));
        } else if (tokens.skipSign("+")) {
            value = new Expression.Positive(at, signed(false));
        } else {
            value = primary();
        }
        value = postfix(value);
        value = filters ? filters(value) : value;
        tokens.leave();
        return value;
    }

    private Expression primary() {
        Token token = tokens.take();
        return switch (token.kind()) {
            case NAME -> name(token);
            case STRING -> string(token);
            case INTEGER -> new Expression.Literal(token.at(), integer(token.text()));
            case FLOAT -> new Expression.Literal(token.at(), Double.valueOf(token.text()));
            case OPERATOR -> bracket(token);
            case TEXT, PRINT, PRINT_END, TAG, TAG_END, END ->
                    throw tokens.fail(token.at(), "expected an expression, got " + token.shown());
        };
    }

    private Expression name(Token token) {
        return switch (token.text()) {
            case "true", "True" -> new Expression.Literal(token.at(), true);
            case "false", "False" -> new Expression.Literal(token.at(), false);
            case "none", "None" -> new Expression.Literal(token.at(), None.NONE);
            default -> {
                names.add(token.text());
                yield new Expression.Name(token.at(), token.text());
            }
        };
    }

    private Expression string(Token first) {
        StringBuilder text = new StringBuilder(first.text());
        while (tokens.at(Token.Kind.STRING)) {
            text.append(tokens.take().text());
        }
        return new Expression.Literal(first.at(), text.toString());
    }

    private Object integer(String digits) {
        int radix =
                switch (digits.length() > 1 ? digits.charAt(1) : ' ') {
                    case 'x', 'X' -> 16;
                    case 'o', 'O' -> 8;
                    case 'b', 'B' -> 2;
                    default -> 10;
                };
        if (digits.length() > 1000) {
            throw tokens.unexpected("a shorter number");
        }
        return Numbers.integer(new BigInteger(radix == 10 ? digits : digits.substring(2), radix));
    }

    private Expression bracket(Token open) {
        return switch (open.text()) {
            case "(" -> parentheses(open.at());
            case "[" -> new Expression.Items(open.at(), false, items("]"));
            case "{" -> dict(open.at());
            default -> throw tokens.fail(open.at(), "expected an expression, got " + open.shown());
        };
    }

    private Expression parentheses(int at) {
        if (tokens.skipSign(")")) {
            return new Expression.Items(at, true, List.of());
        }
        Expression value = tuple();
        tokens.expectSign(")");
        return value;
    }

    private List<Expression> items(String close) {
        List<Expression> items = new ArrayList<>();
        while (!tokens.skipSign(close)) {
            if (!items.isEmpty()) {
                tokens.expectSign(",");
                if (tokens.skipSign(close)) {
                    break;
                }
            }
            items.add(expression());
        }
        return items;
    }

    private Expression dict(int at) {
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!tokens.skipSign("}")) {
            if (!keys.isEmpty()) {
                tokens.expectSign(",");
                if (tokens.skipSign("}")) {
                    break;
                }
            }
            keys.add(expression());
            tokens.expectSign(":");
            values.add(expression());
        }
        return new Expression.Dict(at, keys, values);
    }

    private Expression postfix(Expression start) {
        Expression value = start;
        while (true) {
            if (tokens.atSign(".")) {
                value = attribute(value);
            } else if (tokens.atSign("[")) {
                value = subscript(value);
            } else if (tokens.atSign("(")) {
                value = call(value);
            } else {
                return value;
            }
        }
    }

    private Expression attribute(Expression of) {
        int at = tokens.take().at();
        if (tokens.at(Token.Kind.INTEGER)) {
            Object index = integer(tokens.take().text());
            return new Expression.Item(at, of, new Expression.Literal(at, index));
        }
        return new Expression.Attribute(
                at, of, tokens.expect(Token.Kind.NAME, "the name of an attribute").text());
    }

    private Expression subscript(Expression of) {
        int at = tokens.take().at();
        Optional<Expression> start = part();
        if (tokens.skipSign(":")) {
            Optional<Expression> stop = part();
            Optional<Expression> step = tokens.skipSign(":") ? part() : Optional.empty();
            tokens.expectSign("]");
            return new Expression.Slice(at, of, start, stop, step);
        }
        Expression index = start.orElseThrow(() -> tokens.unexpected("an index"));
        if (tokens.atSign(",")) {
            index = tuple(at, index);
        }
        tokens.expectSign("]");
        return new Expression.Item(at, of, index);
    }

    private Optional<Expression> part() {
        return tokens.atSign(":") || tokens.atSign("]")
                ? Optional.empty()
                : Optional.of(expression());
    }

    Expression.Call call(Expression callee) {
        int at = tokens.peek().at();
        return new Expression.Call(at, callee, arguments());
    }

    private Arguments arguments() {
        tokens.expectSign("(");
        List<Expression> positional = new ArrayList<>();
        List<Keyword> named = new ArrayList<>();
        Optional<Expression> star = Optional.empty();
        Optional<Expression> doubleStar = Optional.empty();
        while (!tokens.skipSign(")")) {
            if (doubleStar.isPresent()) {
                throw tokens.unexpected("')' behind the '**' argument");
            } else if (tokens.skipSign("**")) {
                doubleStar = Optional.of(expression());
            } else if (star.isEmpty() && tokens.skipSign("*")) {
                star = Optional.of(expression());
            } else if (tokens.at(Token.Kind.NAME) && tokens.peek(1).is(Token.Kind.OPERATOR, "=")) {
                String name = tokens.take().text();
                tokens.take();
                named.add(new Keyword(name, expression()));
            } else if (named.isEmpty() && star.isEmpty()) {
                positional.add(expression());
            } else {
                throw tokens.unexpected("an argument with a name");
            }
            if (!tokens.atSign(")")) {
                tokens.expectSign(",");
            }
        }
        return new Arguments(positional, named, star, doubleStar);
    }

    private Expression filters(Expression input) {
        Expression value = input;
        while (true) {
            if (tokens.atSign("|")) {
                tokens.take();
                value = new Expression.Filtered(value, applied("a filter"));
            } else if (tokens.skipName("is")) {
                value = test(value);
            } else if (tokens.atSign("(")) {
                value = call(value);
            } else {
                return value;
            }
        }
    }

    /// `name`, `name.name` or `name(arguments)`.
    Applied applied(String what) {
        int at = tokens.peek().at();
        String name = dotted(what);
        return new Applied(at, name, tokens.atSign("(") ? arguments() : Arguments.NONE);
    }

    private String dotted(String what) {
        StringBuilder name =
                new StringBuilder(tokens.expect(Token.Kind.NAME, "the name of " + what).text());
        while (tokens.skipSign(".")) {
            name.append('.').append(tokens.expect(Token.Kind.NAME, "a name").text());
        }
        return name.toString();
    }

    private Expression test(Expression input) {
        boolean negated = tokens.skipName("not");
        int at = tokens.peek().at();
        String name = dotted("a test");
        if (tokens.atName("is")) {
            throw tokens.unexpected("something else behind a test; tests cannot be chained");
        }
        Arguments arguments =
                tokens.atSign("(")
                        ? arguments()
                        : argumentFollows() ? Arguments.of(argument()) : Arguments.NONE;
        Expression tested = new Expression.Tested(input, new Applied(at, name, arguments));
        return negated ? new Expression.Not(at, tested) : tested;
    }

    private Expression argument() {
        return postfix(primary());
    }

    private boolean argumentFollows() {
        Token token = tokens.peek();
        return switch (token.kind()) {
            case NAME -> !Set.of("else", "or", "and", "is", "if").contains(token.text());
            case STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> token.text().equals("[") || token.text().equals("{");
            case TEXT, PRINT, PRINT_END, TAG, TAG_END, END -> false;
        };
    }
}
