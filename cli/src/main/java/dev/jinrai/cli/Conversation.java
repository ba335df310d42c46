package dev.jinrai.cli;

import dev.jinrai.Generation;
import dev.jinrai.Model;
import dev.jinrai.Session;
import dev.jinrai.chat.Message;
import dev.jinrai.chat.ToolCall;
import dev.jinrai.chat.output.OutputEvent;
import dev.jinrai.sampler.Sampling;
import dev.jinrai.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// What was said, and the session that remembers it: a turn computes only what is new in it.
///
/// Mutable, with one owner. A turn that fails leaves the conversation as it was.
final class Conversation implements AutoCloseable {
    private final Session session;
    private final Tokenizer tokenizer;
    private final Generation.Options options;
    private final List<Message> messages = new ArrayList<>();
    private Chat chat;
    private Optional<String> system;
    private int answers;

    /// @param options of the first answer; each further one takes the next seed
    Conversation(Model model, Chat chat, Optional<String> system, Generation.Options options) {
        this.session = model.newSession();
        this.tokenizer = model.tokenizer();
        this.chat = chat;
        this.system = system;
        this.options = options;
    }

    /// Says something and hears the answer.
    ///
    /// @param started receives the generation before its first token, to be able to cancel it
    /// @param heard as in [Answer#of]
    Answer say(String text, Consumer<Generation> started, Consumer<OutputEvent> heard) {
        return answerTo(Message.user(text), started, heard);
    }

    /// Gives the result of the first call that has none yet; after the last of them hears the answer.
    ///
    /// @throws IllegalStateException if no call waits
    Optional<Answer> result(
            String text, Consumer<Generation> started, Consumer<OutputEvent> heard) {
        List<ToolCall> waiting = waiting();
        if (waiting.isEmpty()) {
            throw new IllegalStateException("no call waits for a result");
        }
        Message result = Message.tool(waiting.getFirst(), text);
        if (waiting.size() > 1) {
            messages.add(result);
            return Optional.empty();
        }
        return Optional.of(answerTo(result, started, heard));
    }

    /// {@return the calls of the last answer that have no result yet}
    List<ToolCall> waiting() {
        int results = 0;
        for (Message message : messages.reversed()) {
            if (!message.role().equals(Message.TOOL)) {
                return message.toolCalls()
                        .subList(
                                Math.min(results, message.toolCalls().size()),
                                message.toolCalls().size());
            }
            results++;
        }
        return List.of();
    }

    private Answer answerTo(
            Message message, Consumer<Generation> started, Consumer<OutputEvent> heard) {
        messages.add(message);
        try {
            return answer(started, heard);
        } catch (RuntimeException | Error e) {
            messages.removeLast();
            throw e;
        }
    }

    /// Hears another answer to what was said last; the one before is forgotten.
    ///
    /// @throws IllegalStateException if there is none
    Answer again(Consumer<Generation> started, Consumer<OutputEvent> heard) {
        if (!answered()) {
            throw new IllegalStateException("nothing was answered yet");
        }
        Message before = messages.removeLast();
        try {
            return answer(started, heard);
        } catch (RuntimeException | Error e) {
            messages.add(before);
            throw e;
        }
    }

    private Answer answer(Consumer<Generation> started, Consumer<OutputEvent> heard) {
        Chat.Prompt prompt = chat.prompt(tokenizer, system, messages);
        var generation =
                Generation.start(session, prompt.ids(), chat.marked(nextOptions()), tokenizer);
        started.accept(generation);
        Answer answer = Answer.of(generation, prompt, heard);
        messages.add(answer.reply().orElseThrow().message());
        answers++;
        return answer;
    }

    /// The next seed: otherwise another answer to the same question would be the same answer.
    private Generation.Options nextOptions() {
        Sampling s = options.sampling();
        return options.withSampling(s.toBuilder().seed(s.seed() + answers).build());
    }

    /// Takes back the last turn, if there is one.
    ///
    /// @return what was said in it
    Optional<String> undo() {
        if (turns() == 0) {
            return Optional.empty();
        }
        while (!messages.getLast().role().equals(Message.USER)) {
            messages.removeLast();
        }
        return Optional.of(messages.removeLast().content());
    }

    /// Forgets what was said; the system prompt stays.
    void clear() {
        messages.clear();
    }

    /// {@return how many questions were answered}
    int turns() {
        return (int) messages.stream().filter(m -> m.role().equals(Message.USER)).count();
    }

    /// {@return whether an answer was the last that was said}
    boolean answered() {
        return !messages.isEmpty() && messages.getLast().role().equals(Message.ASSISTANT);
    }

    Chat chat() {
        return chat;
    }

    void chat(Chat another) {
        chat = another;
    }

    Optional<String> system() {
        return system;
    }

    void system(Optional<String> text) {
        system = text;
    }

    /// {@return how many tokens of the context are taken}
    int position() {
        return session.position();
    }

    @Override
    public void close() {
        session.close();
    }
}
