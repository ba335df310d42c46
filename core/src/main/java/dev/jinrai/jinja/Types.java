package dev.jinrai.jinja;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/// Python's names of the types of values.
final class Types {
    private Types() {}

    static String name(Object value) {
        return switch (value) {
            case None _ -> "NoneType";
            case Boolean _ -> "bool";
            case Long _, BigInteger _ -> "int";
            case Double _ -> "float";
            case String _ -> "str";
            case Markup _ -> "Markup";
            case Range _ -> "range";
            case List<?> _ -> "list";
            case Map<?, ?> _ -> "dict";
            case Tuple _ -> "tuple";
            case View view -> view.kind().type;
            case Lazy _ -> "generator";
            case Namespace _ -> "Namespace";
            case Undefined _ -> "Undefined";
            case Loop _ -> "LoopContext";
            default -> "function";
        };
    }

    /// {@return how Jinja names an object in the reason of an [Undefined]}
    static String object(Object value) {
        return value == None.NONE ? "None" : name(value) + " object";
    }
}
