package dev.jinrai.jinja;

import dev.jinrai.jinja.Statement.MacroBody;
import dev.jinrai.jinja.Statement.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A macro with the scope it was written in.
final class Macro implements Function {
    private final MacroBody macro;
    private final Scope definition;
    private final Interpreter interpreter;

    Macro(MacroBody macro, Scope definition, Interpreter interpreter) {
        this.macro = macro;
        this.definition = definition;
        this.interpreter = interpreter;
    }

    Optional<Object> attribute(String name) {
        return switch (name) {
            case "name" -> Optional.of(macro.name());
            case "arguments" ->
                    Optional.of(
                            new Tuple(
                                    macro.parameters().stream()
                                            .map(p -> (Object) p.name())
                                            .toList()));
            case "caller" -> Optional.of(macro.uses().contains("caller"));
            case "catch_varargs" -> Optional.of(macro.uses().contains("varargs"));
            case "catch_kwargs" -> Optional.of(macro.uses().contains("kwargs"));
            default -> Optional.empty();
        };
    }

    @Override
    public Object call(Args args) {
        Scope scope = definition.inner(macro.frame(), interpreter.budget());
        Map<String, Object> named = new LinkedHashMap<>(args.named());
        List<Object> positional = args.positional();
        for (int i = 0; i < macro.parameters().size(); i++) {
            Parameter parameter = macro.parameters().get(i);
            given(parameter, i, positional, named)
                    .ifPresent(value -> scope.set(parameter.name(), value));
        }
        for (int i = positional.size(); i < macro.parameters().size(); i++) {
            Parameter parameter = macro.parameters().get(i);
            if (!args.named().containsKey(parameter.name())) {
                scope.set(parameter.name(), otherwise(parameter, scope));
            }
        }
        special("caller", scope, named);
        rest(positional, named, scope);
        return interpreter.capture(macro.body(), scope);
    }

    private Optional<Object> given(
            Parameter parameter, int index, List<Object> positional, Map<String, Object> named) {
        Object byName = named.remove(parameter.name());
        if (index >= positional.size()) {
            return Optional.ofNullable(byName);
        }
        if (byName != null) {
            throw new Problem(
                    "macro '%s' got argument '%s' twice".formatted(macro.name(), parameter.name()));
        }
        return Optional.of(positional.get(index));
    }

    private Object otherwise(Parameter parameter, Scope scope) {
        return parameter
                .otherwise()
                .map(value -> interpreter.evaluate(value, scope))
                .orElseGet(() ->
                        new Undefined(() ->
                                "parameter '%s' was not provided".formatted(parameter.name())));
    }

    private void special(String name, Scope scope, Map<String, Object> named) {
        boolean parameter = macro.parameters().stream().anyMatch(p -> p.name().equals(name));
        if (macro.uses().contains(name) && !parameter) {
            Object value = named.remove(name);
            scope.set(name, value == null ? new Undefined("no caller defined") : value);
        }
    }

    private void rest(List<Object> positional, Map<String, Object> named, Scope scope) {
        int parameters = macro.parameters().size();
        if (macro.uses().contains("kwargs")) {
            scope.set("kwargs", new LinkedHashMap<Object, Object>(named));
        } else if (!named.isEmpty()) {
            throw new Problem(
                    "macro '%s' has no parameter '%s'"
                            .formatted(macro.name(), named.keySet().iterator().next()));
        }
        if (macro.uses().contains("varargs")) {
            List<Object> more = new ArrayList<>();
            for (int i = parameters; i < positional.size(); i++) {
                more.add(positional.get(i));
            }
            scope.set("varargs", new Tuple(more));
        } else if (positional.size() > parameters) {
            throw new Problem(
                    "macro '%s' takes at most %d arguments, got %d"
                            .formatted(macro.name(), parameters, positional.size()));
        }
    }
}
