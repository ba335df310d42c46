package dev.jinrai.chat.output;

import dev.jinrai.json.JsonScanner;
import dev.jinrai.json.JsonScanner.Step;
import dev.jinrai.json.JsonText;
import java.util.List;

/// Llama 3.1, 3.2 and 3.3: the whole answer is a call, with or without a mark in front.
///
/// ```
/// {"name": "get_weather", "parameters": {"city": "Paris"}}
/// <|python_tag|>{"name": "get_weather", "parameters": {"city": "Paris"}}
/// <|python_tag|>brave_search.call(query="weather in Paris")
/// <|python_tag|>print(2 + 3)
/// ```
/// The second may stand after content. What follows the mark and is neither JSON nor a call goes to
/// the function `code_interpreter`, `ipython` or `python`, as `{"code": …}`, if there is one. Several
/// objects may follow each other, with semicolons between them or not. Python has no closing mark: it
/// is whole if the model ended the answer behind it.
///
/// Source: Meta's prompt formats of Llama 3.1 and 3.2, and the models' chat templates.
final class Llama3 extends MarkedParser {
    static final String TAG = "<|python_tag|>";
    static final List<String> INTERPRETERS = List.of("code_interpreter", "ipython", "python");

    private enum State {
        TAGGED,
        OBJECT,
        /// Behind an object that a mark began: the next one may follow without.
        AFTER,
        /// Python, known at the end only.
        PYTHON
    }

    private State state = State.TAGGED;
    private CallObject object = bareObject();
    private boolean tagged;

    Llama3(Setup setup) {
        super(setup, List.of(TAG), List.of());
    }

    private CallObject bareObject() {
        return new CallObject(this, CallObject.Rule.BARE, setup.tools().names()::contains);
    }

    @Override
    void opened(String mark) {
        state = State.TAGGED;
        tagged = true;
    }

    @Override
    boolean bare(char c) {
        state = State.OBJECT;
        tagged = false;
        object = bareObject();
        return c == '{';
    }

    @Override
    boolean separates(char c) {
        return c == ';';
    }

    @Override
    void call(char c) {
        switch (state) {
            case TAGGED -> {
                if (c == '{') {
                    taggedObject(c);
                } else if (!JsonScanner.isSpace(c)) {
                    state = State.PYTHON;
                }
            }
            case OBJECT -> object(c);
            case AFTER -> {
                if (c == '{') {
                    taggedObject(c);
                } else if (separates(c)) {
                    consumed();
                } else if (!JsonScanner.isSpace(c)) {
                    over();
                }
            }
            case PYTHON -> {}
        }
    }

    private void taggedObject(char c) {
        state = State.OBJECT;
        object = new CallObject(this, CallObject.Rule.BARE, _ -> true);
        object(c);
    }

    private void object(char c) {
        Step step = object.accept(c);
        if (step == Step.BAD) {
            fail("it is not the JSON of a call");
        } else if (step == Step.END && tagged) {
            state = State.AFTER;
        } else if (step == Step.END) {
            leave();
        }
    }

    @Override
    void callEnds(boolean ended) {
        if (state != State.PYTHON) {
            return;
        }
        String python = text().substring(TAG.length()).strip();
        var called = PythonCall.parse(python);
        if (called.isPresent()) {
            whole(called.get().name(), called.get().arguments(), ended);
        } else {
            INTERPRETERS.stream()
                    .filter(setup.tools().names()::contains)
                    .findFirst()
                    .ifPresent(name -> whole(name, code(python), ended));
        }
    }

    private static String code(String python) {
        return "{\"code\": " + JsonText.quote(python) + "}";
    }

    /// A call that is cut may end where a shorter one would: it is only begun.
    private void whole(String name, String arguments, boolean ended) {
        begin("", name);
        if (ended) {
            arguments(arguments);
            complete();
        }
    }
}
