package dev.jinrai.chat.output;

import dev.jinrai.json.JsonScanner;
import dev.jinrai.json.JsonScanner.Step;
import java.util.List;

/// Mistral's models, in the older form and the newer:
///
/// ```
/// [TOOL_CALLS] [{"name": "get_weather", "arguments": {"city": "Paris"}, "id": "abcdef123"}]
/// [THINK]reasoning[/THINK]content[TOOL_CALLS]get_weather[CALL_ID]abcdef123[ARGS]{"city": "Paris"}
/// ```
/// The older form lists its calls, the newer repeats its mark; `[CALL_ID]` is in few models, and
/// `[ARGS]` may be missing. An `id` behind the arguments comes too late to name the call.
///
/// Source: mistral-common's tokenizers v3 (older), v11 and v13 (newer).
final class Mistral extends MarkedParser {
    private static final String OPEN = "[TOOL_CALLS]";
    private static final String ID = "[CALL_ID]";
    private static final String ARGUMENTS = "[ARGS]";

    private enum State {
        BEFORE,
        /// In the older form's list, in front of a call or the end, in a call, behind it.
        ITEM,
        OBJECT,
        SEPARATOR,
        NAME,
        ID,
        ARGUMENTS,
        JSON
    }

    private State state = State.BEFORE;
    private CallObject object = object();
    private MarkFinder marks = new MarkFinder(ID, ARGUMENTS);
    private JsonScanner json = new JsonScanner();
    private final StringBuilder name = new StringBuilder();
    private final StringBuilder id = new StringBuilder();

    Mistral(Setup setup) {
        super(setup, List.of(OPEN), List.of());
    }

    /// {@return the marks that are to be printed}
    static List<String> marks() {
        return List.of(OPEN, ID, ARGUMENTS);
    }

    private CallObject object() {
        return new CallObject(this, CallObject.Rule.MARKED, _ -> true);
    }

    @Override
    void opened(String mark) {
        state = State.BEFORE;
    }

    @Override
    void call(char c) {
        switch (state) {
            case BEFORE -> before(c);
            case ITEM -> item(c);
            case OBJECT -> object(c);
            case SEPARATOR -> separator(c);
            case NAME -> name(c);
            case ID -> id(c);
            case ARGUMENTS -> arguments(c);
            case JSON -> json(c);
        }
    }

    private void before(char c) {
        if (c == '[') {
            state = State.ITEM;
        } else if (!JsonScanner.isSpace(c)) {
            state = State.NAME;
            name.setLength(0);
            id.setLength(0);
            marks = new MarkFinder(ID, ARGUMENTS);
            name(c);
        }
    }

    private void item(char c) {
        if (!JsonScanner.isSpace(c)) {
            state = State.OBJECT;
            object = object();
            object(c);
        }
    }

    private void object(char c) {
        Step step = object.accept(c);
        if (step == Step.BAD) {
            fail("it is not the JSON of a call");
        } else if (step == Step.END) {
            state = State.SEPARATOR;
        }
    }

    private void separator(char c) {
        if (c == ',') {
            state = State.ITEM;
        } else if (c == ']') {
            leave();
        } else if (!JsonScanner.isSpace(c)) {
            over();
        }
    }

    private void name(char c) {
        if (c == '{' && !name.isEmpty()) {
            argumentsBegin(c);
            return;
        }
        int before = name.length();
        var mark = marks.accept(c, name::append);
        boolean right =
                name.substring(before)
                        .chars()
                        .allMatch(n -> Character.isLetterOrDigit(n) || "_-.:/".indexOf(n) >= 0);
        if (!right || (mark.isPresent() && name.isEmpty())) {
            fail("");
        } else if (mark.isPresent()) {
            state = mark.get().equals(ID) ? State.ID : State.ARGUMENTS;
            marks = new MarkFinder(ARGUMENTS);
        }
    }

    private void id(char c) {
        if (JsonScanner.isSpace(c)) {
            fail("");
        } else if (marks.accept(c, id::append).isPresent()) {
            state = State.ARGUMENTS;
        }
    }

    private void arguments(char c) {
        if (c == '{') {
            argumentsBegin(c);
        } else if (!JsonScanner.isSpace(c)) {
            fail("");
        }
    }

    private void argumentsBegin(char c) {
        state = State.JSON;
        json = new JsonScanner();
        begin(id.toString(), name.toString());
        json(c);
    }

    private void json(char c) {
        Step step = json.accept(c);
        if (step == Step.BAD) {
            fail("its arguments are not JSON");
            return;
        }
        argument(c);
        if (step == Step.END) {
            complete();
            leave();
        }
    }
}
