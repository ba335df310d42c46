package dev.jinrai.jinja;

import dev.jinrai.jinja.Expression.Applied;
import dev.jinrai.jinja.Statement.MacroBody;
import dev.jinrai.jinja.Statement.Parameter;
import dev.jinrai.jinja.Statement.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Tags and the text between them.
final class TemplateParser {
    private static final Set<String> OF_SEVERAL_FILES =
            Set.of("extends", "include", "import", "from");

    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private final Set<String> blocks = new HashSet<>();
    private final List<String> stores = new ArrayList<>();
    private int loops;

    private TemplateParser(TokenStream tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    /// {@return the statements of a normalized source}
    static List<Statement> parse(String source) {
        TemplateParser parser = new TemplateParser(new TokenStream(source));
        List<Statement> statements = parser.statements(Set.of());
        Token rest = parser.tokens.peek();
        if (rest.kind() != Token.Kind.END) {
            throw parser.tokens.fail(
                    rest.at(), "'%s' ends nothing".formatted(parser.tokens.peek(1).text()));
        }
        return statements;
    }

    /// Statements up to a tag of `ends`, whose `{%` is the next token, or to the end.
    private List<Statement> statements(Set<String> ends) {
        tokens.enter();
        List<Statement> statements = new ArrayList<>();
        while (!tokens.at(Token.Kind.END) && !atEnd(ends)) {
            Token token = tokens.take();
            if (token.kind() == Token.Kind.TEXT) {
                statements.add(new Statement.Raw(token.text()));
            } else if (token.kind() == Token.Kind.PRINT) {
                statements.add(new Statement.Print(expressions.tuple()));
                tokens.expect(Token.Kind.PRINT_END, "'}}'");
            } else {
                statements.add(tag());
            }
        }
        tokens.leave();
        return statements;
    }

    private boolean atEnd(Set<String> ends) {
        String name = tokens.peek(1).text();
        return tokens.at(Token.Kind.TAG)
                && (ends.contains(name)
                        || name.startsWith("end")
                        || name.equals("else")
                        || name.equals("elif"));
    }

    private List<Statement> body(Token of, String... ends) {
        List<Statement> body = statements(Set.of(ends));
        Token end = tokens.take();
        if (end.kind() == Token.Kind.END) {
            throw tokens.fail(
                    of.at(),
                    "'%s' is not ended by '%s'".formatted(of.text(), ends[ends.length - 1]));
        }
        if (!List.of(ends).contains(tokens.peek().text())) {
            throw tokens.unexpected("'" + String.join("' or '", ends) + "'");
        }
        return body;
    }

    private List<Statement> wholeBody(Token of, String end) {
        tagEnd();
        List<Statement> body = body(of, end);
        tokens.take();
        tagEnd();
        return body;
    }

    private void tagEnd() {
        tokens.expect(Token.Kind.TAG_END, "'%}'");
    }

    private Statement tag() {
        Token tag = tokens.expect(Token.Kind.NAME, "the name of a tag");
        return switch (tag.text()) {
            case "for" -> loop(tag);
            case "if" -> condition(tag);
            case "set" -> set(tag);
            case "macro" -> macro(tag);
            case "call" -> callBlock(tag);
            case "filter" -> filterBlock(tag);
            case "with" -> with(tag);
            case "generation" ->
                    new Statement.Generation(ownBody(tag, "endgeneration"), new Frame());
            case "block" -> block(tag);
            case "autoescape" -> autoescape(tag);
            case "break" -> jump(tag, new Statement.Break());
            case "continue" -> jump(tag, new Statement.Continue());
            default ->
                    throw tokens.fail(
                            tag.at(),
                            OF_SEVERAL_FILES.contains(tag.text())
                                    ? "'%s' has no place in a chat template".formatted(tag.text())
                                    : "unknown tag '%s'".formatted(tag.text()));
        };
    }

    private Statement autoescape(Token tag) {
        if (Truth.of(expressions.expression() instanceof Expression.Literal l ? l.value() : true)) {
            throw tokens.fail(tag.at(), "'autoescape' can only be turned off here");
        }
        return new Statement.With(
                tag.at(), List.of(), wholeBody(tag, "endautoescape"), new Frame());
    }

    /// Rendered in its place, since no other template replaces it.
    private Statement block(Token tag) {
        String name = tokens.expect(Token.Kind.NAME, "the block's name").text();
        if (!blocks.add(name)) {
            throw tokens.fail(tag.at(), "block '%s' is there twice".formatted(name));
        }
        int outerLoops = loops;
        loops = 0;
        tagEnd();
        List<Statement> body = body(tag, "endblock");
        tokens.take();
        tokens.skipName(name);
        tagEnd();
        loops = outerLoops;
        return new Statement.Block(body, new Frame());
    }

    /// A body that Jinja makes a function of its own: a loop around it cannot be left from there.
    private List<Statement> ownBody(Token tag, String end) {
        int outerLoops = loops;
        loops = 0;
        List<Statement> body = wholeBody(tag, end);
        loops = outerLoops;
        return body;
    }

    private Statement jump(Token tag, Statement jump) {
        if (loops == 0) {
            throw tokens.fail(tag.at(), "'%s' outside a loop".formatted(tag.text()));
        }
        tagEnd();
        return jump;
    }

    private Statement loop(Token tag) {
        int start = stores.size();
        Target target = targets(true);
        tokens.expectName("in");
        Expression over = expressions.unconditional();
        Optional<Expression> condition =
                tokens.skipName("if") ? Optional.of(expressions.expression()) : Optional.empty();
        boolean recursive = tokens.skipName("recursive");
        tagEnd();
        loops++;
        List<Statement> body = body(tag, "else", "endfor");
        loops--;
        List<Statement> otherwise = List.of();
        if (tokens.take().text().equals("else")) {
            otherwise = recursive ? ownBody(tag, "endfor") : wholeBody(tag, "endfor");
        } else {
            tagEnd();
        }
        if (stores.subList(start, stores.size()).contains("loop")) {
            throw tokens.fail(tag.at(), "'loop' cannot be assigned to in a loop");
        }
        return new Statement.For(
                tag.at(),
                target,
                over,
                condition,
                body,
                otherwise,
                recursive,
                new Frame(),
                new Frame(),
                new Frame());
    }

    private Statement condition(Token tag) {
        List<Statement.Branch> branches = new ArrayList<>();
        String next = "if";
        while (!next.equals("else") && !next.equals("endif")) {
            Expression test = expressions.unconditional();
            tagEnd();
            branches.add(new Statement.Branch(test, body(tag, "elif", "else", "endif")));
            next = tokens.take().text();
        }
        List<Statement> otherwise = List.of();
        if (next.equals("else")) {
            otherwise = wholeBody(tag, "endif");
        } else {
            tagEnd();
        }
        return new Statement.If(branches, otherwise);
    }

    private Statement set(Token tag) {
        Target target = targets(true);
        if (tokens.skipSign("=")) {
            Expression value = expressions.tuple();
            tagEnd();
            return new Statement.Assign(tag.at(), target, value);
        }
        List<Applied> filters = filters();
        return new Statement.Capture(
                tag.at(), target, filters, wholeBody(tag, "endset"), new Frame());
    }

    private List<Applied> filters() {
        List<Applied> filters = new ArrayList<>();
        while (tokens.skipSign("|")) {
            filters.add(expressions.applied("a filter"));
        }
        return filters;
    }

    /// @param stored whether Jinja counts them as set in the scope, as it does not for `with`
    private Target targets(boolean stored) {
        Target first = target(stored);
        if (!tokens.atSign(",")) {
            return first;
        }
        List<Target> targets = new ArrayList<>(List.of(first));
        while (tokens.skipSign(",") && !tokens.atSign(")")) {
            targets.add(target(stored));
        }
        return new Target.Several(first.at(), targets);
    }

    private Target target(boolean stored) {
        if (tokens.skipSign("(")) {
            tokens.enter();
            Target inner = targets(stored);
            tokens.leave();
            tokens.expectSign(")");
            return inner;
        }
        Token name = tokens.expect(Token.Kind.NAME, "a name to assign to");
        if (Set.of("true", "false", "none", "True", "False", "None").contains(name.text())) {
            throw tokens.fail(name.at(), "'%s' cannot be assigned to".formatted(name.text()));
        }
        if (tokens.skipSign(".")) {
            String field = tokens.expect(Token.Kind.NAME, "a name").text();
            return new Target.Field(name.at(), name.text(), field);
        }
        if (stored) {
            stores.add(name.text());
        }
        return new Target.Variable(name.at(), name.text());
    }

    private Statement macro(Token tag) {
        String name = tokens.expect(Token.Kind.NAME, "the macro's name").text();
        return new Statement.Define(tag.at(), macroBody(tag, name, parameters(), "endmacro"));
    }

    private MacroBody macroBody(Token tag, String name, List<Parameter> parameters, String end) {
        int start = expressions.names.size();
        List<Statement> body = ownBody(tag, end);
        List<String> names = expressions.names.subList(start, expressions.names.size());
        List<String> uses = new ArrayList<>(List.of("caller", "varargs", "kwargs"));
        uses.retainAll(names);
        parameters.forEach(parameter -> uses.remove(parameter.name()));
        return new MacroBody(name, parameters, body, uses, new Frame());
    }

    private List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>();
        tokens.expectSign("(");
        while (!tokens.skipSign(")")) {
            if (!parameters.isEmpty()) {
                tokens.expectSign(",");
                if (tokens.skipSign(")")) {
                    break;
                }
            }
            String name = tokens.expect(Token.Kind.NAME, "a parameter").text();
            Optional<Expression> otherwise =
                    tokens.skipSign("=") ? Optional.of(expressions.expression()) : Optional.empty();
            if (otherwise.isEmpty()
                    && !parameters.isEmpty()
                    && parameters.getLast().otherwise().isPresent()) {
                throw tokens.unexpected("a default, as the parameter before has one");
            }
            parameters.add(new Parameter(name, otherwise));
        }
        return parameters;
    }

    private Statement callBlock(Token tag) {
        List<Parameter> parameters = tokens.atSign("(") ? parameters() : List.of();
        if (!(expressions.expression() instanceof Expression.Call call)) {
            throw tokens.fail(tag.at(), "'call' needs a call of a macro");
        }
        MacroBody caller = macroBody(tag, "caller", parameters, "endcall");
        return new Statement.CallBlock(tag.at(), call, caller);
    }

    private Statement filterBlock(Token tag) {
        List<Applied> filters = new ArrayList<>(List.of(expressions.applied("a filter")));
        filters.addAll(filters());
        return new Statement.FilterBlock(
                tag.at(), filters, wholeBody(tag, "endfilter"), new Frame());
    }

    private Statement with(Token tag) {
        List<Statement.Binding> bindings = new ArrayList<>();
        while (!tokens.at(Token.Kind.TAG_END)) {
            if (!bindings.isEmpty()) {
                tokens.expectSign(",");
            }
            Target target = target(false);
            tokens.expectSign("=");
            bindings.add(new Statement.Binding(target, expressions.expression()));
        }
        return new Statement.With(tag.at(), bindings, wholeBody(tag, "endwith"), new Frame());
    }
}
