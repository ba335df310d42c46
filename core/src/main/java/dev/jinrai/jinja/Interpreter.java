package dev.jinrai.jinja;

import dev.jinrai.jinja.Statement.Target;
import java.time.Clock;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// One rendering: executes statements.
final class Interpreter {
    private enum Flow {
        NEXT,
        BREAK,
        CONTINUE
    }

    private final Budget budget;
    private final Evaluator evaluator;
    private Scope context = Scope.outermost();

    Interpreter(Limits limits, Clock clock) {
        budget = new Budget(limits);
        evaluator = new Evaluator(budget, clock);
    }

    /// {@return the place of what was evaluated last}
    int place() {
        return evaluator.place();
    }

    Budget budget() {
        return budget;
    }

    String render(List<Statement> template, Frame frame, Map<String, Object> variables) {
        Scope globals = Scope.outermost();
        Globals.functions(budget, evaluator.clock()).forEach(globals::set);
        context = globals.inner();
        variables.forEach(context::set);
        return capture(template, context.top(frame, budget));
    }

    Object evaluate(Expression expression, Scope scope) {
        return evaluator.evaluate(expression, scope);
    }

    /// {@return what statements print}
    String capture(List<Statement> statements, Scope scope) {
        Text out = new Text(budget);
        execute(statements, scope, out);
        return out.toString();
    }

    private Flow execute(List<Statement> statements, Scope scope, Text out) {
        budget.enter();
        Flow flow = Flow.NEXT;
        for (Statement statement : statements) {
            flow = execute(statement, scope, out);
            if (flow != Flow.NEXT) {
                break;
            }
        }
        budget.leave();
        return flow;
    }

    private Flow execute(Statement statement, Scope scope, Text out) {
        budget.step();
        switch (statement) {
            case Statement.Raw raw -> out.append(raw.text());
            case Statement.Print print ->
                    out.append(Printing.str(evaluate(print.value(), scope), budget));
            case Statement.If condition -> {
                return execute(chosen(condition, scope), scope, out);
            }
            case Statement.For loop -> {
                return loop(loop, evaluate(loop.over(), scope), scope, 0, out);
            }
            case Statement.Assign assign ->
                    assign(assign.target(), evaluate(assign.value(), scope), scope);
            case Statement.Capture capture -> {
                Text text = new Text(budget);
                Scope inner = scope.inner(capture.frame(), budget);
                Flow flow = execute(capture.body(), inner, text);
                if (flow != Flow.NEXT) {
                    return flow;
                }
                Object value = evaluator.filter(capture.filters(), text.toString(), inner);
                assign(capture.target(), value, scope);
            }
            case Statement.Define define ->
                    scope.set(define.macro().name(), new Macro(define.macro(), scope, this));
            case Statement.CallBlock block -> {
                Macro caller = new Macro(block.caller(), scope, this);
                Object result = evaluator.call(block.call(), scope, Map.of("caller", caller));
                out.append(Printing.str(result, budget));
            }
            case Statement.FilterBlock block -> {
                Text text = new Text(budget);
                Scope inner = scope.inner(block.frame(), budget);
                Flow flow = execute(block.body(), inner, text);
                if (flow != Flow.NEXT) {
                    return flow;
                }
                Object value = evaluator.filter(block.filters(), text.toString(), inner);
                out.append(Printing.str(value, budget));
            }
            case Statement.With with -> {
                return execute(with.body(), bound(with, scope), out);
            }
            case Statement.Generation group -> {
                return execute(group.body(), scope.inner(group.frame(), budget), out);
            }
            case Statement.Block block -> {
                return execute(block.body(), context.top(block.frame(), budget), out);
            }
            case Statement.Break _ -> {
                return Flow.BREAK;
            }
            case Statement.Continue _ -> {
                return Flow.CONTINUE;
            }
        }
        return Flow.NEXT;
    }

    private List<Statement> chosen(Statement.If condition, Scope scope) {
        for (Statement.Branch branch : condition.branches()) {
            if (Truth.of(evaluate(branch.test(), scope))) {
                return branch.body();
            }
        }
        return condition.otherwise();
    }

    private Scope bound(Statement.With with, Scope scope) {
        Scope inner = scope.inner(with.frame(), budget);
        for (Statement.Binding binding : with.bindings()) {
            assign(binding.target(), evaluate(binding.value(), scope), inner);
        }
        return inner;
    }

    private Flow loop(Statement.For loop, Object over, Scope scope, int depth, Text out) {
        evaluator.place(loop.over().at());
        Iterator<Object> items = Iteration.iterator(over, budget);
        Loop state =
                new Loop(
                        loop.condition().isPresent() ? wanted(loop, items, scope) : items,
                        loop.condition().isPresent()
                                ? OptionalLong.empty()
                                : Iteration.knownLength(over),
                        depth,
                        budget,
                        args -> recurse(loop, args, scope, depth + 1));
        // As jinja2 has it: 'else' is also for a loop whose every pass was cut short by a jump.
        boolean completed = false;
        Flow flow = Flow.NEXT;
        for (Object item = state.advance();
                item != null;
                item = flow == Flow.BREAK ? null : state.advance()) {
            budget.step();
            Scope inner = scope.inner(loop.frame(), budget);
            inner.set("loop", state);
            assign(loop.target(), item, inner);
            flow = execute(loop.body(), inner, out);
            completed |= flow == Flow.NEXT;
        }
        return completed
                ? Flow.NEXT
                : execute(loop.otherwise(), scope.inner(loop.elseFrame(), budget), out);
    }

    /// The items for which the loop's condition holds, each tested when it is asked for.
    private Iterator<Object> wanted(Statement.For loop, Iterator<Object> items, Scope scope) {
        Scope inner = scope.inner(loop.testFrame(), budget);
        Expression condition = loop.condition().orElseThrow();
        return Sequences.filter(
                items,
                item -> {
                    budget.step();
                    assign(loop.target(), item, inner);
                    return Truth.of(evaluate(condition, inner));
                });
    }

    private Object recurse(Statement.For loop, Args args, Scope scope, int depth) {
        if (!loop.recursive()) {
            throw new Problem("'loop' can be called only in a loop marked 'recursive'");
        }
        Text out = new Text(budget);
        loop(loop, args.bind("loop", "iterable").need("iterable"), scope, depth, out);
        return out.toString();
    }

    private void assign(Target target, Object value, Scope scope) {
        switch (target) {
            case Target.Variable variable -> scope.set(variable.name(), value);
            case Target.Field field -> {
                evaluator.place(field.at());
                if (!(scope.get(field.namespace()) instanceof Namespace namespace)) {
                    throw new Problem(
                            "'%s' is no namespace; only attributes of namespaces can be set"
                                    .formatted(field.namespace()));
                }
                budget.elements(1);
                namespace.fields.put(field.name(), value);
            }
            case Target.Several several -> {
                evaluator.place(several.at());
                unpack(several.targets(), Iteration.of(Undefined.check(value), budget), scope);
            }
        }
    }

    private void unpack(List<Target> targets, List<Object> values, Scope scope) {
        if (targets.size() != values.size()) {
            throw new Problem("%d values for %d names".formatted(values.size(), targets.size()));
        }
        for (int i = 0; i < targets.size(); i++) {
            assign(targets.get(i), values.get(i), scope);
        }
    }

    /// {@return a copy of Java's values as those of a template}
    static Map<String, Object> context(Map<String, ?> values, Budget budget) {
        Map<String, Object> context = new LinkedHashMap<>();
        values.forEach((name, value) -> context.put(name, Conversion.of(value, budget)));
        return context;
    }
}
