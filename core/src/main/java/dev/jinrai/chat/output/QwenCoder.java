package dev.jinrai.chat.output;

import dev.jinrai.chat.ToolParameter;
import dev.jinrai.chat.Tools;
import dev.jinrai.json.JsonScanner;
import dev.jinrai.json.JsonScanner.Step;
import dev.jinrai.json.JsonText;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Qwen3-Coder, Qwen 3.5 and others: a call is elements, and values stand in them as they are.
///
/// ```
/// <tool_call>
/// <function=get_weather>
/// <parameter=city>
/// Paris
/// </parameter>
/// </function>
/// </tool_call>
/// ```
/// Seed-OSS has `<seed:tool_call>` as the outer marks. They may be missing if there is a function of the name. Whether `5` is a number, the
/// function's schema says ([ToolParameter]); where it says nothing it is the JSON (or Python's `True`,
/// `False`, `None`) that it looks like, else a string.
///
/// Source: the chat template of Qwen/Qwen3-Coder-480B-A35B-Instruct.
final class QwenCoder extends MarkedParser {
    static final String SEED_OPEN = "<seed:tool_call>";
    static final String SEED_CLOSE = "</seed:tool_call>";

    private static final String FUNCTION = "<function=";
    private static final String FUNCTION_END = "</function>";
    private static final String PARAMETER = "<parameter=";
    private static final String PARAMETER_END = "</parameter>";

    private enum State {
        /// `<tool_call>` was read.
        BEFORE,
        NAME,
        /// Between parameters.
        BODY,
        KEY,
        VALUE,
        AFTER
    }

    private final String open;
    private final String close;
    private State state = State.BEFORE;
    private boolean wrapped;
    private Expect function = new Expect(FUNCTION);
    private MarkFinder marks = new MarkFinder();
    private final StringBuilder name = new StringBuilder();
    private final StringBuilder key = new StringBuilder();
    private final StringBuilder value = new StringBuilder();
    private final Set<String> keys = new HashSet<>();
    private ToolParameter parameter = Tools.NONE.parameter("", "");
    private boolean string;
    private boolean valueBegun;
    private boolean strayed;

    /// @param open the outer mark in front
    /// @param close the outer mark behind
    QwenCoder(Setup setup, String open, String close) {
        super(setup, List.of(open, FUNCTION), List.of(close));
        this.open = open;
        this.close = close;
    }

    @Override
    void opened(String mark) {
        wrapped = mark.equals(open);
        function = new Expect(FUNCTION);
        if (wrapped) {
            state = State.BEFORE;
        } else {
            name();
        }
    }

    private void name() {
        state = State.NAME;
        name.setLength(0);
        keys.clear();
    }

    @Override
    void call(char c) {
        switch (state) {
            case BEFORE -> {
                Step step = function.accept(c);
                if (step == Step.BAD) {
                    fail("");
                } else if (step == Step.END) {
                    name();
                }
            }
            case NAME -> name(c);
            case BODY -> body(c);
            case KEY -> key(c);
            case VALUE -> value(c);
            case AFTER -> after(c);
        }
    }

    private void name(char c) {
        if (c == '<' || c == '\n' || (c == '>' && !callable())) {
            fail("");
        } else if (c == '>') {
            begin("", name.toString().strip());
            argument('{');
            body();
        } else {
            name.append(c);
        }
    }

    private boolean callable() {
        String called = name.toString().strip();
        return !called.isEmpty() && (wrapped || setup.tools().names().contains(called));
    }

    private void body() {
        state = State.BODY;
        marks = new MarkFinder(PARAMETER, FUNCTION_END);
        strayed = false;
    }

    private void stray(char c) {
        strayed |= !JsonScanner.isSpace(c);
    }

    private void body(char c) {
        var mark = marks.accept(c, this::stray);
        if (strayed) {
            fail("text between its parameters");
        } else if (mark.isPresent() && mark.get().equals(PARAMETER)) {
            state = State.KEY;
            key.setLength(0);
        } else if (mark.isPresent()) {
            argument('}');
            complete();
            state = State.AFTER;
            marks = new MarkFinder(close, FUNCTION);
        }
    }

    private void key(char c) {
        if (c == '<' || c == '\n') {
            fail("the name of a parameter does not end");
        } else if (c == '>') {
            String called = key.toString().strip();
            if (!keys.add(called)) {
                fail("the parameter '%s' comes twice".formatted(called));
                return;
            }
            state = State.VALUE;
            marks = new MarkFinder("\n" + PARAMETER_END, PARAMETER_END);
            value.setLength(0);
            valueBegun = false;
            parameter = setup.tools().parameter(name.toString().strip(), called);
            string = parameter.isText();
            arguments(
                    (keys.size() > 1 ? ", " : "")
                            + JsonText.quote(called)
                            + (string ? ": \"" : ": "));
        } else {
            key.append(c);
        }
    }

    private void value(char c) {
        if (marks.accept(c, this::valueCharacter).isEmpty()) {
            return;
        }
        if (string) {
            argument('"');
        } else {
            String text = value.toString();
            arguments(parameter.json(text, PythonLiteral.json(text)));
        }
        body();
    }

    private void valueCharacter(char c) {
        boolean first = !valueBegun;
        valueBegun = true;
        if (first && c == '\n') {
            return; // it belongs to the mark
        }
        if (string) {
            StringBuilder escaped = new StringBuilder(2);
            JsonText.escape(String.valueOf(c), escaped);
            arguments(escaped);
        } else {
            value.append(c);
        }
    }

    private void after(char c) {
        var mark = marks.accept(c, this::stray);
        if (strayed) {
            over();
        } else if (mark.isPresent() && mark.get().equals(FUNCTION)) {
            name();
        } else if (mark.isPresent()) {
            leave();
        }
    }
}
