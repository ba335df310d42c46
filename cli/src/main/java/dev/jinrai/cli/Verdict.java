package dev.jinrai.cli;

import dev.jinrai.Memory;
import dev.jinrai.MemoryException;
import dev.jinrai.MemoryNeed;
import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.backend.KvType;
import dev.jinrai.chat.ChatTemplate;
import dev.jinrai.chat.ChatTemplateException;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.GgufException;
import dev.jinrai.gguf.Metadata;
import dev.jinrai.model.Checkpoint;
import dev.jinrai.model.GgufCheckpoint;
import dev.jinrai.tokenizer.Tokenizer;
import dev.jinrai.tokenizer.TokenizerException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// Whether this build can run a file, found by trying: the file is opened as a model.
///
/// @param problem why it cannot run
/// @param context the tokens a session can hold, and the bytes they take when it is full
/// @param needs the memory it takes on each backend, and the contexts to say it for; none if it cannot run
/// @param tokenizer why there is no text: then ids in, ids out
/// @param template the built-in template that is the model's own
record Verdict(
        Optional<String> problem,
        Optional<Context> context,
        Optional<Needs> needs,
        Optional<String> tokenizer,
        Optional<String> template) {

    record Context(int tokens, long bytes) {}

    /// @param contexts ascending; the last is the model's own
    /// @param available what this machine has to spare, in bytes, if it says
    record Needs(List<MemoryNeed> backends, List<Integer> contexts, OptionalLong available) {
        private static final List<Integer> USUAL = List.of(2048, 8192, 32_768);

        /// @param longest the model's own context
        static Needs of(Checkpoint checkpoint, int longest) {
            return new Needs(
                    MemoryNeed.of(checkpoint, KvType.F16),
                    Stream.concat(
                                    USUAL.stream().filter(tokens -> tokens < longest),
                                    Stream.of(longest))
                            .toList(),
                    Memory.here().available());
        }
    }

    private record Opened(Context context, Needs needs) {}

    static Verdict of(Gguf gguf) {
        return of(gguf.file(), new GgufCheckpoint(gguf));
    }

    static Verdict of(Path file, Checkpoint checkpoint) {
        Optional<String> problem = Optional.empty();
        Optional<Opened> opened = Optional.empty();
        try {
            opened = Optional.of(open(file, checkpoint));
        } catch (CommandException | GgufException | MemoryException e) {
            problem = Optional.of(message(file, e));
        }
        Optional<Context> context = opened.map(Opened::context);
        Optional<Needs> needs = opened.map(Opened::needs);
        try {
            Tokenizer tokenizer = checkpoint.tokenizer();
            Optional<String> template = template(checkpoint.metadata(), tokenizer);
            return new Verdict(problem, context, needs, Optional.empty(), template);
        } catch (TokenizerException | GgufException e) {
            return new Verdict(
                    problem, context, needs, Optional.of(message(file, e)), Optional.empty());
        }
    }

    /// {@return whether it runs}
    boolean runs() {
        return problem.isEmpty();
    }

    /// The page has the file's name at its top.
    private static String message(Path file, RuntimeException e) {
        return ("" + e.getMessage()).replace(file + ": ", "");
    }

    private static Opened open(Path file, Checkpoint checkpoint) {
        if (checkpoint.tensorNames().isEmpty()) {
            throw new CommandException(
                    "no tensors: a vocabulary, of use to tokenize and detokenize only");
        }
        // Nothing is computed; scalar is the backend that is always there.
        var options = ModelOptions.DEFAULTS.withBackend("scalar").withThreads(1);
        try (Model model = ModelFile.named(file, () -> Model.open(file, options))) {
            int tokens = model.contextLength();
            return new Opened(
                    new Context(tokens, model.kvLayout().bytesPerPosition() * tokens),
                    Needs.of(checkpoint, model.config().contextLength()));
        }
    }

    private static Optional<String> template(Metadata metadata, Tokenizer tokenizer) {
        try {
            return Optional.of(ChatTemplate.from(metadata, tokenizer.vocabulary()).name());
        } catch (ChatTemplateException | GgufException e) {
            return Optional.empty();
        }
    }
}
