package dev.jinrai.chat.output;

import dev.jinrai.json.JsonScanner;
import dev.jinrai.json.JsonScanner.Step;
import java.util.List;

/// DeepSeek V3 and R1, and V3.1, which puts the name where the others have the word `function`, and
/// the arguments without a fence:
///
/// ````
/// <think>reasoning</think>content<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather
/// ```json
/// {"city": "Paris"}
/// ```<｜tool▁call▁end｜><｜tool▁calls▁end｜>
///
/// <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city": "Paris"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>
/// ````
/// The outer marks may be missing; models distilled from R1 also spell the first otherwise.
///
/// Source: the chat templates of deepseek-ai/DeepSeek-R1 and DeepSeek-V3.1.
final class DeepSeek extends MarkedParser {
    private static final String CALLS = "<｜tool▁calls▁begin｜>";
    private static final String CALLS_END = "<｜tool▁calls▁end｜>";
    private static final String CALL = "<｜tool▁call▁begin｜>";
    private static final String CALL_END = "<｜tool▁call▁end｜>";
    private static final String SEPARATOR = "<｜tool▁sep｜>";
    private static final String FENCE = "```";
    private static final List<String> MISSPELLED =
            List.of(
                    "<｜tool_calls_begin｜>",
                    "<｜tool calls begin｜>",
                    "<｜tool\\_calls\\_begin｜>",
                    "<｜tool▁calls｜>");
    private static final List<String> OPENINGS =
            List.of(
                    CALLS,
                    CALL,
                    MISSPELLED.get(0),
                    MISSPELLED.get(1),
                    MISSPELLED.get(2),
                    MISSPELLED.get(3));

    private enum State {
        /// Between calls.
        LIST,
        HEAD,
        /// The separator was read: the arguments follow, or a line with the name.
        SEPARATED,
        NAME,
        FENCE,
        JSON,
        TAIL
    }

    private State state = State.LIST;
    private MarkFinder marks = new MarkFinder();
    private Expect fence = new Expect(FENCE);
    private JsonScanner json = new JsonScanner();
    private final StringBuilder name = new StringBuilder();

    private boolean afterCall;

    /// Whether something stood where only marks may be.
    private boolean strayed;

    DeepSeek(Setup setup) {
        super(setup, OPENINGS, List.of(CALLS_END));
    }

    /// {@return the marks that are to be printed}
    static List<String> marks() {
        return List.of(CALLS, CALLS_END, CALL, CALL_END, SEPARATOR);
    }

    @Override
    void opened(String mark) {
        afterCall = false;
        if (mark.equals(CALL)) {
            head();
        } else {
            list();
        }
    }

    private void list() {
        state = State.LIST;
        marks = new MarkFinder(CALL, CALLS_END);
        strayed = false;
    }

    private void head() {
        state = State.HEAD;
        marks = new MarkFinder(SEPARATOR);
        name.setLength(0);
    }

    @Override
    void call(char c) {
        switch (state) {
            case LIST -> inList(c);
            case HEAD -> {
                if (c == '\n') {
                    fail("");
                } else if (marks.accept(c, name::append).isPresent()) {
                    state = State.SEPARATED;
                }
            }
            case SEPARATED -> {
                if (c == '{') {
                    arguments(c);
                } else if (!JsonScanner.isSpace(c)) {
                    state = State.NAME; // what was in front is the word function
                    name.setLength(0);
                    name.append(c);
                }
            }
            case NAME -> {
                if (c == '\n') {
                    state = State.FENCE;
                    fence = new Expect(FENCE + "json");
                } else {
                    name.append(c);
                }
            }
            case FENCE -> fence(c);
            case JSON -> json(c);
            case TAIL -> tail(c);
        }
    }

    private void stray(char c) {
        strayed |= !JsonScanner.isSpace(c);
    }

    private void inList(char c) {
        var mark = marks.accept(c, this::stray);
        if (strayed && afterCall) {
            over();
        } else if (strayed) {
            fail("");
        } else if (mark.isPresent() && mark.get().equals(CALL)) {
            head();
        } else if (mark.isPresent()) {
            leave();
        }
    }

    private void fence(char c) {
        if (c == '{') {
            arguments(c);
        } else if (!JsonScanner.isSpace(c) && fence.accept(c) == Step.BAD) {
            fail("");
        }
    }

    private void arguments(char c) {
        if (name.toString().isBlank()) {
            fail("");
            return;
        }
        state = State.JSON;
        json = new JsonScanner();
        begin("", name.toString().strip());
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
            afterCall = true;
            state = State.TAIL;
            marks = new MarkFinder(FENCE, CALL_END, CALLS_END);
            strayed = false;
        }
    }

    private void tail(char c) {
        var mark = marks.accept(c, this::stray);
        if (strayed) {
            over();
        } else if (mark.isPresent() && mark.get().equals(CALL_END)) {
            consumed();
            list();
        } else if (mark.isPresent() && mark.get().equals(CALLS_END)) {
            leave();
        }
    }
}
