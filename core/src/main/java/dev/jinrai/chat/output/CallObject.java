package dev.jinrai.chat.output;

import dev.jinrai.json.JsonException;
import dev.jinrai.json.JsonScanner;
import dev.jinrai.json.JsonScanner.Step;
import dev.jinrai.json.JsonText;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// A call as one JSON object: `{"name": …, "arguments": {…}}`. Mutable.
///
/// Arguments may be called `parameters`, and may be a string that holds the object; the keys may
/// come in any order, and the call begins when its name is known and its arguments have begun. An
/// `id` in front of the arguments is the call's. OpenAI's form, `{"type": "function", "function":
/// {"name": …, "arguments": …}}`, is read too.
final class CallObject {
    /// Which objects count.
    enum Rule {
        /// A mark says that it is a call: other keys are passed over beside arguments, and a name alone
        /// calls without any.
        MARKED,
        /// Only its form says it: with keys of calls alone, and arguments.
        BARE
    }

    private enum Field {
        NAME,
        ARGUMENTS,
        ID,
        TYPE,
        FUNCTION,
        OTHER;

        static Field of(String key) {
            return switch (key) {
                case "name" -> NAME;
                case "arguments", "parameters" -> ARGUMENTS;
                case "id" -> ID;
                case "type" -> TYPE;
                case "function" -> FUNCTION;
                default -> OTHER;
            };
        }
    }

    private final MarkedParser parser;
    private final Rule rule;
    private final Predicate<String> known;
    private final JsonScanner scanner = new JsonScanner();
    private final StringBuilder key = new StringBuilder();
    private final StringBuilder value = new StringBuilder();

    /// Arguments that wait for the name.
    private final StringBuilder arguments = new StringBuilder();

    private final Set<Field> seen = EnumSet.noneOf(Field.class);
    private Optional<Field> field = Optional.empty();
    private String name = "";
    private String id = "";
    private boolean opened;
    private boolean quoted;
    private boolean begun;

    /// Whether this is the object under `function`: the one around it completes the call.
    private boolean nested;

    /// The object under `function`.
    private Optional<CallObject> inner = Optional.empty();

    /// @param known whether there is a function of a name
    CallObject(MarkedParser parser, Rule rule, Predicate<String> known) {
        this.parser = parser;
        this.rule = rule;
        this.known = known;
    }

    /// Takes the next character, the first of which is `{`.
    Step accept(char c) {
        Step step = opened || c == '{' ? scanner.accept(c) : Step.BAD;
        opened = true;
        if (step == Step.BAD) {
            return step;
        }
        if (scanner.inKey()) {
            key.append(c);
            return step;
        }
        if (scanner.inValue()) {
            return value(c);
        }
        boolean ends = c == ',' || c == '}';
        if (ends && field.isPresent() && !valueEnds(field.get())) {
            return Step.BAD;
        }
        return step == Step.END ? end() : step;
    }

    private Step value(char c) {
        if (field.isEmpty()) {
            Field begins = Field.of(string(key));
            key.setLength(0);
            if (!valueBegins(begins, c)) {
                return Step.BAD;
            }
            field = Optional.of(begins);
        }
        switch (field.get()) {
            case ARGUMENTS -> argument(c);
            case NAME, ID, TYPE -> value.append(c);
            case FUNCTION -> {
                return inner.orElseThrow().accept(c) == Step.BAD ? Step.BAD : Step.MORE;
            }
            case OTHER -> {}
        }
        return Step.MORE;
    }

    /// {@return whether a call may have this value}
    private boolean valueBegins(Field of, char c) {
        boolean first = seen.add(of);
        return switch (of) {
                    case NAME -> first && c == '"' && inner.isEmpty();
                    case ARGUMENTS -> {
                        quoted = c == '"';
                        yield first
                                && inner.isEmpty()
                                && (c == '{' || quoted)
                                && (quoted || begin());
                    }
                    case ID -> first;
                    case TYPE, OTHER -> first || rule == Rule.MARKED;
                    case FUNCTION ->
                            first
                                    && c == '{'
                                    && !seen.contains(Field.NAME)
                                    && !seen.contains(Field.ARGUMENTS)
                                    && function();
                }
                && (of != Field.OTHER || rule == Rule.MARKED);
    }

    /// Begins the object under `function`.
    ///
    /// @return true
    private boolean function() {
        var object = new CallObject(parser, rule, known);
        object.id = id;
        object.nested = true;
        inner = Optional.of(object);
        return true;
    }

    private void argument(char c) {
        if (begun && !quoted) {
            parser.argument(c);
        } else {
            arguments.append(c);
        }
    }

    /// {@return whether a call may have had this value}
    private boolean valueEnds(Field of) {
        field = Optional.empty();
        String text = value.toString();
        value.setLength(0);
        return switch (of) {
            case NAME -> {
                name = string(text);
                yield !name.isBlank()
                        && known.test(name)
                        && (!seen.contains(Field.ARGUMENTS) || begin());
            }
            case ARGUMENTS -> !quoted || (unquote() && begin());
            case ID -> {
                id = text.startsWith("\"") ? string(text) : text;
                yield true;
            }
            case TYPE -> rule == Rule.MARKED || text.equals("\"function\"");
            case FUNCTION -> inner.orElseThrow().whole();
            case OTHER -> true;
        };
    }

    /// Begins the call, once its name is known.
    ///
    /// @return true
    private boolean begin() {
        if (!begun && !name.isEmpty()) {
            begun = true;
            parser.begin(id, name);
            parser.arguments(arguments);
        }
        return true;
    }

    /// {@return whether the string holds an object}
    private boolean unquote() {
        String text = string(arguments).strip();
        arguments.setLength(0);
        arguments.append(text);
        try {
            return JsonText.read(text) instanceof Map;
        } catch (JsonException e) {
            return false;
        }
    }

    private Step end() {
        if (inner.isEmpty() && !whole()) {
            return Step.BAD;
        }
        if (!nested) {
            parser.complete();
        }
        return Step.END;
    }

    /// {@return whether it was a call, now that the object ends} Arguments may be under a key that is
    /// none of theirs: only without other keys are there none.
    private boolean whole() {
        if (begun) {
            return true;
        }
        if (name.isEmpty() || rule == Rule.BARE || seen.contains(Field.OTHER)) {
            return false;
        }
        arguments.append("{}");
        return begin();
    }

    /// {@return the text of a JSON string; empty for anything else, such as half a surrogate pair}
    static String string(CharSequence json) {
        try {
            return JsonText.read(json.toString()) instanceof String text ? text : "";
        } catch (JsonException e) {
            return "";
        }
    }
}
