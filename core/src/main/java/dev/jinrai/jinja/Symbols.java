package dev.jinrai.jinja;

import dev.jinrai.jinja.Statement.MacroBody;
import dev.jinrai.jinja.Statement.Parameter;
import dev.jinrai.jinja.Statement.Target;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Finds the names of every scope of a template, in the order and with the quirks of jinja2's
/// `idtracking.py`: a name that is read before it is set has its outer value until then; one that
/// is set first has none; one that is set only in a branch of an `if` has its outer value.
final class Symbols {
    private enum Load {
        GIVEN,
        RESOLVED,
        OUTER,
        UNDEFINED
    }

    private final Optional<Symbols> parent;
    private final Map<String, Load> loads;
    private final Set<String> stores;

    private Symbols(Optional<Symbols> parent, Map<String, Load> loads, Set<String> stores) {
        this.parent = parent;
        this.loads = loads;
        this.stores = stores;
    }

    private static Symbols root() {
        return new Symbols(Optional.empty(), new HashMap<>(), new HashSet<>());
    }

    private Symbols inner() {
        return new Symbols(Optional.of(this), new HashMap<>(), new HashSet<>());
    }

    private Symbols copy() {
        return new Symbols(parent, new HashMap<>(loads), new HashSet<>(stores));
    }

    /// Fills the frames of a whole template.
    static void resolve(List<Statement> template, Frame frame) {
        Symbols symbols = root();
        symbols.body(template);
        symbols.finish(frame, template);
    }

    private boolean known(String name) {
        return loads.containsKey(name) || parent.filter(p -> p.known(name)).isPresent();
    }

    private void load(String name) {
        if (!known(name)) {
            loads.put(name, Load.RESOLVED);
        }
    }

    private void store(String name) {
        stores.add(name);
        if (!loads.containsKey(name)) {
            boolean outside = parent.filter(p -> p.known(name)).isPresent();
            loads.put(name, outside ? Load.OUTER : Load.UNDEFINED);
        }
    }

    private void given(String name) {
        stores.add(name);
        loads.put(name, Load.GIVEN);
    }

    private void loadAll(Expression... expressions) {
        for (Expression expression : expressions) {
            Names.read(expression, this::load);
        }
    }

    private void store(Target target) {
        switch (target) {
            case Target.Variable variable -> store(variable.name());
            case Target.Field field -> load(field.namespace());
            case Target.Several several -> several.targets().forEach(this::store);
        }
    }

    private void given(Target target) {
        switch (target) {
            case Target.Variable variable -> given(variable.name());
            case Target.Field field -> load(field.namespace());
            case Target.Several several -> several.targets().forEach(this::given);
        }
    }

    /// The names that statements use in this scope, not those of the scopes they open.
    private void body(List<Statement> statements) {
        statements.forEach(this::visit);
    }

    private void visit(Statement statement) {
        switch (statement) {
            case Statement.Print print -> loadAll(print.value());
            case Statement.If condition -> branches(condition);
            case Statement.For loop -> loadAll(loop.over());
            case Statement.Assign assign -> {
                loadAll(assign.value());
                store(assign.target());
            }
            case Statement.Capture capture -> store(capture.target());
            case Statement.Define define -> store(define.macro().name());
            case Statement.CallBlock block -> loadAll(block.call());
            case Statement.FilterBlock block -> Names.readAll(block.filters(), this::load);
            case Statement.With with -> with.bindings().forEach(b -> loadAll(b.value()));
            case Statement.Raw _,
                    Statement.Generation _,
                    Statement.Block _,
                    Statement.Break _,
                    Statement.Continue _ -> {}
        }
    }

    private void branches(Statement.If condition) {
        loadAll(condition.branches().getFirst().test());
        // Jinja reads an 'elif' as an 'if' inside the branch, and each begins from the same names.
        Symbols then = copy();
        then.body(condition.branches().getFirst().body());
        Symbols elif = copy();
        for (Statement.Branch branch :
                condition.branches().subList(1, condition.branches().size())) {
            elif.branches(new Statement.If(List.of(branch), List.of()));
        }
        Symbols otherwise = copy();
        otherwise.body(condition.otherwise());
        merge(List.of(then, elif, otherwise));
    }

    private void merge(List<Symbols> branches) {
        Set<String> stored = new HashSet<>();
        branches.forEach(branch -> stored.addAll(branch.stores));
        stored.removeAll(stores);
        for (Symbols branch : branches) {
            loads.putAll(branch.loads);
            stores.addAll(branch.stores);
        }
        stored.forEach(name -> loads.put(name, Load.OUTER));
    }

    /// Writes the names down, then those of the scopes inside.
    private void finish(Frame frame, List<Statement> statements) {
        loads.forEach((name, load) -> {
            switch (load) {
                case GIVEN, UNDEFINED -> frame.undefined(name);
                case OUTER -> frame.fromOutside(name);
                case RESOLVED -> {
                    if (stores.contains(name)) {
                        frame.fromOutside(name);
                    }
                }
            }
        });
        statements.forEach(this::scopes);
    }

    private void scopes(Statement statement) {
        switch (statement) {
            case Statement.If condition -> {
                condition.branches().forEach(branch -> branch.body().forEach(this::scopes));
                condition.otherwise().forEach(this::scopes);
            }
            case Statement.For loop -> loop(loop);
            case Statement.Capture capture -> scope(inner(), capture.frame(), capture.body());
            case Statement.Define define -> macro(define.macro());
            case Statement.CallBlock block -> macro(block.caller());
            case Statement.FilterBlock block -> scope(inner(), block.frame(), block.body());
            case Statement.With with -> {
                Symbols symbols = inner();
                with.bindings().forEach(b -> symbols.given(b.target()));
                scope(symbols, with.frame(), with.body());
            }
            case Statement.Generation group -> scope(inner(), group.frame(), group.body());
            case Statement.Block block -> scope(root(), block.frame(), block.body());
            case Statement.Raw _,
                    Statement.Print _,
                    Statement.Assign _,
                    Statement.Break _,
                    Statement.Continue _ -> {}
        }
    }

    private static void scope(Symbols symbols, Frame frame, List<Statement> body) {
        symbols.body(body);
        symbols.finish(frame, body);
    }

    private void loop(Statement.For loop) {
        Symbols body = inner();
        body.given("loop");
        body.given(loop.target());
        scope(body, loop.frame(), loop.body());
        scope(inner(), loop.elseFrame(), loop.otherwise());
        Symbols test = inner();
        test.given(loop.target());
        loop.condition().ifPresent(test::loadAll);
        test.finish(loop.testFrame(), List.of());
    }

    private void macro(MacroBody macro) {
        Symbols symbols = inner();
        macro.parameters().forEach(parameter -> symbols.given(parameter.name()));
        macro.uses().forEach(symbols::given);
        for (Parameter parameter : macro.parameters()) {
            parameter.otherwise().ifPresent(symbols::loadAll);
        }
        scope(symbols, macro.frame(), macro.body());
    }
}
