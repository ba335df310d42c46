package dev.jinrai.chat.output;

import dev.jinrai.json.JsonScanner;
import dev.jinrai.json.JsonScanner.Step;
import java.util.List;

/// A model without marks of its own, whose whole answer is JSON:
///
/// ```
/// {"name": "get_weather", "arguments": {"city": "Paris"}}
/// [{"name": …}, {"name": …}]
/// {"tool_call": {"name": …}}
/// {"tool_calls": [{"name": …}, {"name": …}]}
/// ```
/// Only an object with keys of calls alone, that names a function there is, counts as a call.
///
/// Source: the generic format of llama.cpp, and what models write that were told of functions in JSON.
final class GenericJson extends MarkedParser {
    private enum State {
        /// The first key shows whether an object is a call or holds some.
        KEY,
        /// In front of a list, or behind `{"tool_call":` or `{"tool_calls":`.
        WRAPPED,
        ITEM,
        OBJECT,
        /// Behind a call: the next, or what closes around it.
        AFTER
    }

    private State state = State.KEY;
    private CallObject object = object();
    private JsonScanner scanner = new JsonScanner();
    private final StringBuilder head = new StringBuilder();
    private final StringBuilder key = new StringBuilder();
    private boolean list;
    private boolean wrapped;

    GenericJson(Setup setup) {
        super(setup, List.of(), List.of());
    }

    private CallObject object() {
        return new CallObject(this, CallObject.Rule.BARE, setup.tools().names()::contains);
    }

    @Override
    void opened(String mark) {
        throw new AssertionError(mark);
    }

    @Override
    boolean bare(char c) {
        list = c == '[';
        wrapped = false;
        state = list ? State.WRAPPED : State.KEY;
        scanner = new JsonScanner();
        head.setLength(0);
        key.setLength(0);
        return list || c == '{';
    }

    @Override
    boolean separates(char c) {
        return c == ';';
    }

    @Override
    void call(char c) {
        switch (state) {
            case KEY -> key(c);
            case WRAPPED -> wrapped(c);
            case ITEM -> {
                if (!JsonScanner.isSpace(c)) {
                    object = object();
                    object(c);
                }
            }
            case OBJECT -> object(c);
            case AFTER -> after(c);
        }
    }

    private void key(char c) {
        head.append(c);
        Step step = scanner.accept(c);
        if (step != Step.MORE) {
            fail("");
        } else if (scanner.inKey()) {
            key.append(c);
        } else if (c == ':') {
            decide(CallObject.string(key));
        }
    }

    private void decide(String first) {
        if (first.equals("tool_call") || first.equals("tool_calls")) {
            wrapped = true;
            list = first.equals("tool_calls");
            state = State.WRAPPED;
            return;
        }
        object = object();
        state = State.OBJECT;
        head.chars().forEach(c -> object.accept((char) c)); // they were JSON
    }

    private void wrapped(char c) {
        if (c == '{' && !list) {
            object = object();
            object(c);
        } else if (c == '[' && list) {
            state = State.ITEM;
        } else if (!JsonScanner.isSpace(c)) {
            fail("");
        }
    }

    private void object(char c) {
        state = State.OBJECT;
        Step step = object.accept(c);
        if (step == Step.BAD) {
            fail("it is not the JSON of a call");
        } else if (step == Step.END) {
            state = State.AFTER;
            if (!list && !wrapped) {
                leave();
            }
        }
    }

    private void after(char c) {
        if (JsonScanner.isSpace(c)) {
            return;
        }
        if (list && c == ',') {
            state = State.ITEM;
        } else if (list && c == ']') {
            list = false;
            if (!wrapped) {
                leave();
            }
        } else if (!list && wrapped && c == '}') {
            leave();
        } else {
            over();
        }
    }
}
