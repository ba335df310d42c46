package dev.jinrai.chat.output;

import dev.jinrai.json.JsonScanner;
import dev.jinrai.json.JsonScanner.Step;
import java.util.List;

/// Nous Hermes 2 Pro, Qwen 2.5, Qwen 3, QwQ and others:
///
/// ```
/// <think>
/// reasoning
/// </think>
///
/// content
/// <tool_call>
/// {"name": "get_weather", "arguments": {"city": "Paris"}}
/// </tool_call>
/// ```
/// Several calls are several blocks. The closing mark may be missing.
///
/// Source: the chat templates of NousResearch/Hermes-2-Pro-Llama-3-8B and Qwen/Qwen3-8B.
final class Hermes extends MarkedParser {
    static final String OPEN = "<tool_call>";
    static final String CLOSE = "</tool_call>";

    private enum State {
        BEFORE,
        OBJECT,
        AFTER
    }

    private State state = State.BEFORE;
    private CallObject object = object();
    private Expect close = new Expect(CLOSE);

    Hermes(Setup setup) {
        super(setup, List.of(OPEN), List.of(CLOSE));
    }

    private CallObject object() {
        return new CallObject(this, CallObject.Rule.MARKED, _ -> true);
    }

    @Override
    void opened(String mark) {
        state = State.BEFORE;
        object = object();
        close = new Expect(CLOSE);
    }

    @Override
    void call(char c) {
        switch (state) {
            case BEFORE -> {
                if (!JsonScanner.isSpace(c)) {
                    state = State.OBJECT;
                    object(c);
                }
            }
            case OBJECT -> object(c);
            case AFTER -> {
                Step step = close.accept(c);
                if (step == Step.BAD) {
                    over();
                } else if (step == Step.END) {
                    leave();
                }
            }
        }
    }

    private void object(char c) {
        switch (object.accept(c)) {
            case MORE -> {}
            case BAD -> fail("it is not the JSON of a call");
            case END -> state = State.AFTER;
        }
    }
}
