package dev.jinrai.cli;

import dev.jinrai.Generation;
import dev.jinrai.Generation.Finish;
import dev.jinrai.Model;
import dev.jinrai.Session;
import dev.jinrai.chat.output.OutputEvent;
import dev.jinrai.tokenizer.Tokenizer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// One prompt, one answer, the end.
///
/// @param ids whether ids are shown as they come, on one line, and the text after them
record OneShot(Io io, Model model, long loadNanos, boolean json, boolean ids) {

    /// Prints the answer while it is generated, then the timing line; or all of it as JSON.
    ///
    /// @param tokenizer none where the model has no vocabulary: then there are only ids
    /// @return the exit code
    int answer(int[] prompt, Generation.Options options, Optional<Tokenizer> tokenizer) {
        Answer answer;
        try (Session session = model.newSession()) {
            Generation generation =
                    tokenizer.isPresent()
                            ? Generation.start(session, prompt, options, tokenizer.get())
                            : Generation.start(session, prompt, options);
            answer = run(generation, () -> Answer.of(generation, prompt, new Shown()::piece));
        }
        if (!json) {
            end(answer.text());
        }
        return report(answer, options, tokenizer.isPresent());
    }

    /// The same for an answer in a chat.
    int answer(Chat.Prompt prompt, Generation.Options options, Tokenizer tokenizer) {
        Answer answer;
        var speech = new Speech(io);
        try (Session session = model.newSession()) {
            var generation = Generation.start(session, prompt.ids(), options, tokenizer);
            Consumer<OutputEvent> heard = json ? _ -> {} : speech;
            answer = run(generation, () -> Answer.of(generation, prompt, heard));
        }
        if (!json) {
            speech.end();
        }
        answer.reply().ifPresent(reply -> reply.malformed().forEach(io.messages()::notice));
        return report(answer, options, true);
    }

    private static Answer run(Generation generation, Supplier<Answer> answer) {
        var again = new AtomicBoolean();
        // Before this, Ctrl-C ends the program: there is nothing to keep.
        try (var _ = Interrupts.watch(() -> stop(generation, again))) {
            return answer.get();
        }
    }

    private int report(Answer answer, Generation.Options options, boolean hasText) {
        if (json) {
            io.out().println(Json.write(answer.json(model, options, hasText, loadNanos)));
        }
        io.out().flush();
        report(answer);
        return answer.finish() == Finish.CANCELLED ? Failures.INTERRUPTED : Failures.DONE;
    }

    /// The first Ctrl-C ends the answer, the second does not wait for its next token.
    private static void stop(Generation generation, AtomicBoolean again) {
        if (again.getAndSet(true)) {
            Runtime.getRuntime().exit(Failures.INTERRUPTED);
        }
        generation.cancel();
    }

    /// Prints what comes.
    private final class Shown {
        private boolean first = true;

        void piece(Generation.Piece piece) {
            if (json) {
                return;
            }
            if (!ids) {
                io.out().printGenerated(piece.text());
            } else if (piece.id() != Answer.NO_TOKEN) {
                io.out().print(first ? "" + piece.id() : "," + piece.id());
            }
            first = false;
            io.out().flush();
        }
    }

    /// Ends the last line; after ids comes the text.
    private void end(String text) {
        if (ids) {
            io.out().println("");
            io.out().printGenerated(text);
        }
        if (!text.endsWith("\n") && !(ids && text.isEmpty())) {
            io.out().println("");
        }
    }

    private void report(Answer answer) {
        if (answer.finish() == Finish.CONTEXT) {
            io.messages()
                    .notice(
                            ("the answer ends here because the context of %d tokens is full;"
                                            + " --context sets its length")
                                    .formatted(model.contextLength()));
        }
        if (!json) {
            io.messages().line(answer.timingLine());
        }
    }
}
