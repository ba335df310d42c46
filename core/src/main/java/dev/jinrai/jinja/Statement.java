package dev.jinrai.jinja;

import java.util.List;
import java.util.Optional;

/// What is executed, and may print.
sealed interface Statement {
    record Raw(String text) implements Statement {}

    record Print(Expression value) implements Statement {}

    record For(
            int at,
            Target target,
            Expression over,
            Optional<Expression> condition,
            List<Statement> body,
            List<Statement> otherwise,
            boolean recursive,
            Frame frame,
            Frame testFrame,
            Frame elseFrame)
            implements Statement {}

    record If(List<Branch> branches, List<Statement> otherwise) implements Statement {}

    record Branch(Expression test, List<Statement> body) {}

    record Assign(int at, Target target, Expression value) implements Statement {}

    record Capture(
            int at,
            Target target,
            List<Expression.Applied> filters,
            List<Statement> body,
            Frame frame)
            implements Statement {}

    record Define(int at, MacroBody macro) implements Statement {}

    record CallBlock(int at, Expression.Call call, MacroBody caller) implements Statement {}

    record FilterBlock(int at, List<Expression.Applied> filters, List<Statement> body, Frame frame)
            implements Statement {}

    /// `with`, and without bindings `autoescape`.
    record With(int at, List<Binding> bindings, List<Statement> body, Frame frame)
            implements Statement {}

    record Binding(Target target, Expression value) {}

    /// `generation`: to Hugging Face what the assistant said, to Jinja a scope.
    record Generation(List<Statement> body, Frame frame) implements Statement {}

    /// `block`: nothing can replace it here, but it sees only what is set outside of all scopes.
    record Block(List<Statement> body, Frame frame) implements Statement {}

    record Break() implements Statement {}

    record Continue() implements Statement {}

    /// What can be assigned to.
    sealed interface Target {
        int at();

        record Variable(int at, String name) implements Target {}

        record Field(int at, String namespace, String name) implements Target {}

        record Several(int at, List<Target> targets) implements Target {}
    }

    record Parameter(String name, Optional<Expression> otherwise) {}

    /// What a macro is.
    ///
    /// @param uses which of `caller`, `varargs` and `kwargs` the body names
    record MacroBody(
            String name,
            List<Parameter> parameters,
            List<Statement> body,
            List<String> uses,
            Frame frame) {}
}
