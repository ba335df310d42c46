package dev.jinrai.chat.output;

import dev.jinrai.json.JsonScanner;
import dev.jinrai.json.JsonScanner.Step;
import dev.jinrai.json.JsonText;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// gpt-oss: an answer is messages, each with a header that says for whom it is.
///
/// ```
/// <|channel|>analysis<|message|>reasoning<|end|>
/// <|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{"city": "Paris"}<|call|>
/// <|start|>assistant<|channel|>final<|message|>content<|return|>
/// ```
/// (without the line breaks.) The prompt ends inside the first header. What is for somebody is a
/// call; `commentary` for nobody is content, as OpenAI shows it. What is for `python` is code, and
/// becomes `{"code": …}`.
///
/// `<|call|>` and `<|return|>` end the generation and are not printed.
///
/// Source: OpenAI's harmony response format, and the chat template of openai/gpt-oss-120b.
final class GptOss implements OutputParser {
    private static final String START = "<|start|>";
    private static final String CHANNEL = "<|channel|>";
    private static final String MESSAGE = "<|message|>";
    private static final String CONSTRAIN = "<|constrain|>";
    private static final List<String> ENDS = List.of("<|end|>", "<|return|>", "<|call|>");

    /// The longest header that is one; names of functions are in it.
    private static final int HEADER = 300;

    /// What a header looks like; the recipient stands in front of the channel or behind it.
    private static final Pattern FORM =
            Pattern.compile(
                    "(assistant)?( ?to=(?<early>[^\\s<]+))?"
                            + "(<\\|channel\\|>(?<channel>analysis|commentary|final))?"
                            + "( to=(?<late>[^\\s<]+))?"
                            + "( ?<\\|constrain\\|>[A-Za-z]+| json| code)?\\s*");

    private enum State {
        HEADER,
        CONTENT,
        REASONING,
        /// A call's arguments.
        JSON,
        CODE,
        /// A call's message, when the call is over: complete, or broken.
        COMPLETE,
        BROKEN,
        /// Behind a message.
        BETWEEN
    }

    private final Events events;
    private final Prose content;
    private final Prose reasoning;
    private final MarkFinder marks =
            new MarkFinder(START, CHANNEL, MESSAGE, ENDS.get(0), ENDS.get(1), ENDS.get(2));
    private final StringBuilder header = new StringBuilder();

    /// How much of the header the prompt has.
    private int given;

    /// The text of a message to somebody, header included.
    private final StringBuilder raw = new StringBuilder();

    private State state;
    private JsonScanner json = new JsonScanner();
    private boolean jsonBegun;
    private String reason = "";

    GptOss(Setup setup, String prompt) {
        events = new Events(setup.ids());
        content = new Prose(events::content);
        reasoning = new Prose(events::reasoning);
        int start = prompt.lastIndexOf(START);
        String open = start < 0 ? "" : prompt.substring(start + START.length());
        int message = open.indexOf(MESSAGE);
        header.append(message < 0 ? open : open.substring(0, message));
        given = header.length();
        state = start < 0 ? State.BETWEEN : State.HEADER;
        if (message >= 0) {
            body();
        }
    }

    /// {@return the marks that are to be printed}
    static List<String> marks() {
        return List.of(START, CHANNEL, MESSAGE, CONSTRAIN, ENDS.get(0));
    }

    @Override
    public List<OutputEvent> append(String text) {
        for (int i = 0; i < text.length(); i++) {
            marks.accept(text.charAt(i), this::text).ifPresent(this::mark);
        }
        return events.take(false);
    }

    @Override
    public List<OutputEvent> finish(boolean ended) {
        marks.flush(this::text);
        if (state == State.HEADER) {
            noHeader();
        } else if (state == State.JSON || (state == State.CODE && !ended)) {
            reason = "the answer ends inside it";
            malformed();
        } else {
            messageEnds();
        }
        reasoning.flush();
        content.flush();
        return events.take(true);
    }

    private void mark(String mark) {
        switch (state) {
            case HEADER -> {
                if (mark.equals(MESSAGE)) {
                    body();
                } else if (mark.equals(CHANNEL) && !header.toString().contains(CHANNEL)) {
                    header.append(mark);
                } else {
                    noHeader();
                    mark(mark);
                }
            }
            case CONTENT, REASONING, JSON, CODE, COMPLETE, BROKEN, BETWEEN -> {
                if (mark.equals(MESSAGE)) {
                    text(mark);
                    return;
                }
                messageEnds();
                state = State.BETWEEN;
                if (mark.equals(START) || mark.equals(CHANNEL)) {
                    state = State.HEADER;
                    given = 0;
                    header.setLength(0);
                    header.append(mark.equals(CHANNEL) ? mark : "");
                }
            }
        }
    }

    private void text(String text) {
        for (int i = 0; i < text.length(); i++) {
            text(text.charAt(i));
        }
    }

    private void text(char c) {
        switch (state) {
            case HEADER -> {
                header.append(c);
                // The prompt's header goes on with a space or a mark.
                boolean other = given > 0 && header.length() == given + 1 && c != ' ' && c != '<';
                if (c == '\n' || other || header.length() > given + HEADER) {
                    noHeader();
                }
            }
            case CONTENT -> content.add(c);
            case REASONING -> reasoning.add(c);
            case JSON -> {
                raw.append(c);
                json(c);
            }
            case CODE -> {
                raw.append(c);
                argument(c);
            }
            case COMPLETE, BETWEEN -> {
                if (!JsonScanner.isSpace(c)) {
                    state = State.CONTENT;
                }
                content.add(c);
            }
            case BROKEN -> raw.append(c);
        }
    }

    /// What looked like a header is content.
    private void noHeader() {
        state = State.CONTENT;
        content.add(header.substring(given));
        header.setLength(0);
    }

    private void body() {
        String head = header.toString();
        Matcher parts = FORM.matcher(head);
        if (!parts.matches()) {
            state = State.CONTENT;
            content.add(head.substring(given) + MESSAGE);
            return;
        }
        String recipient = group(parts, "early") + group(parts, "late");
        if (!recipient.isEmpty()) {
            call(recipient);
        } else if (group(parts, "channel").equals("analysis")) {
            state = State.REASONING;
            reasoning.message();
        } else {
            state = State.CONTENT;
            content.message();
        }
    }

    private static String group(Matcher parts, String name) {
        String text = parts.group(name);
        return text == null ? "" : text;
    }

    private void call(String recipient) {
        raw.setLength(0);
        raw.append(header, given, header.length()).append(MESSAGE);
        content.mark();
        String functions = "functions.";
        events.begin(
                "",
                recipient.startsWith(functions) && recipient.length() > functions.length()
                        ? recipient.substring(functions.length())
                        : recipient);
        if (recipient.equals("python")) {
            state = State.CODE;
            events.arguments("{\"code\": \"");
        } else {
            state = State.JSON;
            json = new JsonScanner();
            jsonBegun = false;
        }
    }

    private void argument(char c) {
        StringBuilder escaped = new StringBuilder(2);
        JsonText.escape(String.valueOf(c), escaped);
        events.arguments(escaped);
    }

    private void json(char c) {
        if (!jsonBegun && JsonScanner.isSpace(c)) {
            return;
        }
        Step step = c == '{' || jsonBegun ? json.accept(c) : Step.BAD;
        jsonBegun = true;
        if (step == Step.BAD) {
            state = State.BROKEN;
            reason = "its arguments are not JSON";
            return;
        }
        events.arguments(c);
        if (step == Step.END) {
            events.complete(raw);
            content.mark();
            state = State.COMPLETE;
        }
    }

    private void messageEnds() {
        switch (state) {
            case CODE -> {
                events.arguments("\"}");
                events.complete(raw);
            }
            case JSON -> {
                reason = "its arguments are not whole";
                malformed();
            }
            case BROKEN -> malformed();
            case CONTENT -> content.mark();
            case REASONING -> reasoning.mark();
            case HEADER, COMPLETE, BETWEEN -> {}
        }
    }

    private void malformed() {
        events.malformed(raw.toString(), reason);
        content.mark();
    }
}
