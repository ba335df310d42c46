package dev.jinrai.cli;

import dev.jinrai.chat.ToolCall;
import dev.jinrai.chat.output.OutputEvent;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Shows an answer while it comes: content on standard output, each call there as a line of JSON,
/// reasoning on standard error.
final class Speech implements Consumer<OutputEvent> {
    private static final String DIM = "\u001b[2m";
    private static final String NORMAL = "\u001b[0m";

    private final Io io;
    private final boolean dim;
    private final StringBuilder arguments = new StringBuilder();
    private OutputEvent.ToolCallBegun call = new OutputEvent.ToolCallBegun(0, "", "");
    private boolean thinking;
    private boolean lineOpen = true;
    private boolean said;

    Speech(Io io) {
        this.io = io;
        dim = io.colour() && io.messages().terminal();
    }

    @Override
    public void accept(OutputEvent event) {
        switch (event) {
            case OutputEvent.Reasoning r -> think(r.text());
            case OutputEvent.Content c -> say(c.text());
            case OutputEvent.ToolCallBegun begun -> {
                call = begun;
                arguments.setLength(0);
            }
            case OutputEvent.Arguments a -> arguments.append(a.json());
            case OutputEvent.ToolCallComplete _ -> called();
            case OutputEvent.Malformed m -> say(m.text());
        }
    }

    /// Ends the last line.
    void end() {
        endThought();
        if (lineOpen) {
            io.out().println("");
        }
        io.out().flush();
    }

    /// {@return a call as OpenAI's API writes it}
    static Map<String, @Nullable Object> json(ToolCall call) {
        return Json.object(
                "id",
                call.id(),
                "type",
                "function",
                "function",
                Json.object("name", call.name(), "arguments", call.arguments()));
    }

    private void think(String text) {
        if (!thinking) {
            thinking = true;
            io.messages().print((dim ? DIM : "") + "[thinking]\n");
        }
        io.messages().printGenerated(text);
    }

    private void endThought() {
        if (thinking) {
            thinking = false;
            io.messages().print("\n[/thinking]" + (dim ? NORMAL : "") + "\n");
        }
    }

    private void say(String text) {
        endThought();
        io.out().printGenerated(text);
        io.out().flush();
        lineOpen = !text.endsWith("\n");
        said = true;
    }

    private void called() {
        endThought();
        if (lineOpen && said) {
            io.out().println("");
        }
        var whole = new ToolCall(call.id(), call.name(), arguments.toString());
        io.out().println(Json.write(json(whole)));
        io.out().flush();
        said = true;
        lineOpen = false;
    }
}
