package dev.jinrai.cli;

import dev.jinrai.Generation;
import dev.jinrai.Generation.Piece;
import dev.jinrai.Model;
import dev.jinrai.Session;
import dev.jinrai.chat.ChatTemplate;
import dev.jinrai.chat.Message;
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
    private ChatTemplate template;
    private Optional<String> system;
    private int answers;

    /// @param options of the first answer; each further one takes the next seed
    Conversation(
            Model model,
            ChatTemplate template,
            Optional<String> system,
            Generation.Options options) {
        this.session = model.newSession();
        this.tokenizer = model.tokenizer();
        this.template = template;
        this.system = system;
        this.options = options;
    }

    /// {@return the prompt of a conversation, which ends where the assistant's answer begins}
    static int[] encode(
            ChatTemplate template,
            Tokenizer tokenizer,
            Optional<String> system,
            List<Message> messages) {
        var all = new ArrayList<Message>();
        system.map(Message::system).ifPresent(all::add);
        all.addAll(messages);
        return tokenizer.encode(template.render(all, true), true, true);
    }

    /// Says something and hears the answer.
    ///
    /// @param started receives the generation before its first token, to be able to cancel it
    /// @param shown as in [Answer#of]
    Answer say(String text, Consumer<Generation> started, Consumer<Piece> shown) {
        messages.add(Message.user(text));
        try {
            return answer(started, shown);
        } catch (RuntimeException | Error e) {
            messages.removeLast();
            throw e;
        }
    }

    /// Hears another answer to what was said last; the one before is forgotten.
    ///
    /// @throws IllegalStateException if there is none
    Answer again(Consumer<Generation> started, Consumer<Piece> shown) {
        if (turns() == 0) {
            throw new IllegalStateException("nothing was answered yet");
        }
        Message before = messages.removeLast();
        try {
            return answer(started, shown);
        } catch (RuntimeException | Error e) {
            messages.add(before);
            throw e;
        }
    }

    private Answer answer(Consumer<Generation> started, Consumer<Piece> shown) {
        int[] prompt = encode(template, tokenizer, system, messages);
        var generation = Generation.start(session, prompt, nextOptions(), tokenizer);
        started.accept(generation);
        Answer answer = Answer.of(generation, prompt, shown);
        messages.add(Message.assistant(answer.text()));
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
        messages.removeLast();
        return Optional.of(messages.removeLast().content());
    }

    /// Forgets what was said; the system prompt stays.
    void clear() {
        messages.clear();
    }

    /// {@return how many questions were answered}
    int turns() {
        return messages.size() / 2;
    }

    ChatTemplate template() {
        return template;
    }

    void template(ChatTemplate another) {
        template = another;
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
