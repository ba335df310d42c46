package dev.jinrai.cli;

import dev.jinrai.ContextOverflowException;
import dev.jinrai.Generation;
import dev.jinrai.Generation.Finish;
import dev.jinrai.Model;
import dev.jinrai.chat.ChatTemplateException;
import dev.jinrai.chat.Raw;
import dev.jinrai.tokenizer.TokenizerException;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The conversation at a terminal: reads a message or a command, answers, reads the next.
///
/// What the model says goes to standard output, everything around it to standard error.
final class Repl {
    private static final String HELP =
            """
            /help /h /?           this help
            /exit /quit /q        leave, as Ctrl-D does
            /clear /cls           forget the conversation; the system prompt stays
            /regen                another answer to the last message
            /undo                 take the last message and its answer back
            /tool TEXT            give the result of a function that the model called
            /system [TEXT]        show the system prompt, or set it; /system - removes it
            /template             switch the chat template off (raw> text follows text) and on
            /stats                model, backend, context
            A line that ends in \\ goes on in the next; \"""…\""" encloses several lines.
            A message that begins with / needs a space in front. Ctrl-C stops an answer.
            """;

    private static final String CHOICES =
            "/undo takes the last turn back, /clear forgets all, --context sets the length";

    private final Io io;
    private final Model model;
    private final Conversation conversation;
    private final Chat raw;
    private final Supplier<Chat> chat;
    private final LineInput input;
    private Optional<Answer> last = Optional.empty();

    // Shared with the thread that hears Ctrl-C.
    private boolean answering;
    private boolean pressed;
    private @Nullable Generation running;

    /// @param raw the chat without a template
    /// @param chat the one to have otherwise; may fail
    Repl(Io io, Model model, Conversation conversation, Chat raw, Supplier<Chat> chat) {
        this.io = io;
        this.model = model;
        this.conversation = conversation;
        this.raw = raw;
        this.chat = chat;
        this.input = new LineInput(io);
    }

    /// Converses until the input ends.
    void run() {
        io.messages()
                .line(
                        "%s on %s (%s), context %d. /help lists the commands, Ctrl-D leaves."
                                .formatted(
                                        model.file().getFileName(),
                                        model.backend().name(),
                                        model.backend().device(),
                                        model.contextLength()));
        try (var _ = Interrupts.watch(this::interrupted)) {
            while (true) {
                io.messages().print(prompt());
                Optional<String> message = input.next();
                if (message.isEmpty()) {
                    io.messages().print("\n"); // the terminal's cursor stands behind the prompt
                    return;
                }
                unpress();
                if (!message.get().isBlank() && !obey(message.get())) {
                    return;
                }
            }
        }
    }

    private String prompt() {
        return conversation.chat().template() instanceof Raw ? "raw> " : "You> ";
    }

    /// Follows a command, or answers what is none.
    ///
    /// @return whether to go on
    private boolean obey(String message) {
        if (!message.startsWith("/")) {
            turn(speech -> conversation.say(message, this::started, speech));
            return true;
        }
        int end = message.indexOf(' ');
        String command = end < 0 ? message : message.substring(0, end);
        String rest = message.substring(command.length()).strip();
        switch (command) {
            case "/exit", "/quit", "/q" -> {
                return false;
            }
            case "/help", "/h", "/?" -> io.messages().print(HELP);
            case "/clear", "/cls" -> {
                conversation.clear();
                say("the conversation is forgotten");
            }
            case "/regen" -> regenerate();
            case "/undo" -> undo();
            case "/tool" -> result(rest);
            case "/system" -> system(rest);
            case "/template", "/toggle", "/tmp", "/t" -> toggle();
            case "/stats", "/status" -> statistics();
            default -> say("no command %s; /help lists them".formatted(command));
        }
        return true;
    }

    private void turn(Function<Speech, Answer> answer) {
        begin();
        var speech = new Speech(io);
        io.messages().print("Assistant> ");
        try {
            Answer said = answer.apply(speech);
            last = Optional.of(said);
            speech.end();
            report(said);
        } catch (ContextOverflowException e) {
            io.messages().print("\n");
            say(
                    "the conversation needs %d tokens and the context holds %d: %s"
                            .formatted(e.needed(), e.capacity(), CHOICES));
        } catch (ChatTemplateException | TokenizerException e) {
            io.messages().print("\n");
            say("" + e.getMessage());
        } finally {
            end();
        }
    }

    private void report(Answer answer) {
        if (answer.finish() == Finish.CANCELLED) {
            say("stopped");
        }
        if (answer.finish() == Finish.CONTEXT) {
            say("the context of %d tokens is full: %s".formatted(model.contextLength(), CHOICES));
        }
        answer.reply().ifPresent(reply -> reply.malformed().forEach(this::say));
        int calls = conversation.waiting().size();
        if (calls > 0) {
            say("calls that wait for a result: %d; /tool TEXT gives the next".formatted(calls));
        }
        io.messages().line("[%s]".formatted(answer.timingLine()));
    }

    private void result(String text) {
        int waiting = conversation.waiting().size();
        if (waiting == 0) {
            say("no call waits for a result");
        } else if (waiting == 1) {
            turn(speech -> conversation.result(text, this::started, speech).orElseThrow());
        } else {
            conversation.result(text, this::started, _ -> {});
            say("calls that still wait for a result: %d".formatted(waiting - 1));
        }
    }

    private void regenerate() {
        if (!conversation.answered()) {
            say("nothing was answered yet");
        } else {
            turn(speech -> conversation.again(this::started, speech));
        }
    }

    private void undo() {
        say(
                conversation
                        .undo()
                        .map(text -> "taken back: " + Printable.line(text, 60))
                        .orElse("there is nothing to take back"));
    }

    private void system(String text) {
        if (!text.isEmpty()) {
            conversation.system(text.equals("-") ? Optional.empty() : Optional.of(text));
        }
        say(conversation.system().map(s -> "system prompt: " + s).orElse("no system prompt"));
    }

    private void toggle() {
        if (!conversation.chat().equals(raw)) {
            conversation.chat(raw);
            say("chat template off: your text is continued as it is, after all that was said");
            return;
        }
        try {
            conversation.chat(chat.get());
            say(conversation.chat().template().title() + " on");
        } catch (ChatTemplateException e) {
            say("" + e.getMessage());
        }
    }

    private void statistics() {
        Messages out = io.messages();
        out.line("model     " + model.file());
        out.line("backend   %s (%s)".formatted(model.backend().name(), model.backend().device()));
        out.line("template  " + conversation.chat().template().name());
        out.line(
                "context   %d of %d tokens"
                        .formatted(conversation.position(), model.contextLength()));
        out.line("turns     " + conversation.turns());
        last.ifPresent(answer -> out.line("last      " + answer.timingLine()));
    }

    private void say(String text) {
        io.messages().line("[%s]".formatted(text));
    }

    private synchronized void begin() {
        answering = true;
        pressed = false;
    }

    private synchronized void started(Generation generation) {
        running = generation;
        if (pressed) { // while the prompt was put together
            generation.cancel();
        }
    }

    private synchronized void end() {
        answering = false;
        pressed = false;
        running = null;
    }

    private synchronized void unpress() {
        pressed = false;
    }

    /// During an answer: stop it; at the prompt: forget what was typed. A second time: leave.
    private synchronized void interrupted() {
        if (pressed || !(answering || io.interactive())) {
            Runtime.getRuntime().exit(Failures.INTERRUPTED);
        }
        pressed = true;
        if (!answering) {
            input.abandon();
            io.messages().print("\n[Ctrl-C again or Ctrl-D leaves]\n" + prompt());
        } else if (running != null) {
            running.cancel();
        }
    }
}
