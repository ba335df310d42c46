package dev.jinrai.cli;

import dev.jinrai.ContextOverflowException;
import dev.jinrai.backend.BackendException;
import dev.jinrai.chat.ChatTemplateException;
import dev.jinrai.format.UnsupportedFormatException;
import dev.jinrai.gguf.GgufException;
import dev.jinrai.grammar.GrammarException;
import dev.jinrai.model.ModelException;
import dev.jinrai.quantize.QuantizationException;
import dev.jinrai.safetensors.SafetensorsException;
import dev.jinrai.sampler.NanLogitsException;
import dev.jinrai.tokenizer.TokenizerException;
import java.nio.file.InvalidPathException;

/// What went wrong, in one line and an exit code.
final class Failures {
    static final int DONE = 0;
    static final int FAILURE = 1;
    static final int USAGE = 2;
    static final int INTERRUPTED = 130;

    private Failures() {}

    /// Says what happened.
    ///
    /// @return the exit code
    static int report(Throwable failure, Messages messages) {
        if (failure instanceof OutputException e && e.closed()) {
            return DONE;
        }
        messages.notice(describe(failure));
        return failure instanceof UsageException ? USAGE : FAILURE;
    }

    private static String describe(Throwable failure) {
        return switch (failure) {
            case UsageException e -> message(e);
            case CommandException e -> message(e);
            case OutputException e -> message(e);
            case GgufException e -> message(e);
            case SafetensorsException e -> message(e);
            case ModelException e -> message(e);
            case UnsupportedFormatException e -> message(e);
            case TokenizerException e -> message(e);
            case ChatTemplateException e -> message(e);
            case GrammarException e -> message(e);
            case BackendException e -> message(e);
            case QuantizationException e -> message(e);
            case ContextOverflowException e ->
                    "the context holds %d tokens and %d are needed; shorten the text or raise --context"
                            .formatted(e.capacity(), e.needed());
            case NanLogitsException e -> message(e);
            case InvalidPathException e ->
                    "'%s' cannot be the name of a file: %s".formatted(e.getInput(), e.getReason());
            case OutOfMemoryError e ->
                    ("out of memory: %s; the Java heap may grow to %s: use a shorter --context or"
                                    + " a smaller model")
                            .formatted(message(e), Bytes.of(Runtime.getRuntime().maxMemory()));
            // What the JVM makes of a SIGBUS.
            case InternalError e when message(e).contains("unsafe memory access") ->
                    "the model file was cut short while it was read (%s)".formatted(message(e));
            default -> internal(failure);
        };
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    /// A bug of ours: enough to find it by, on one line.
    private static String internal(Throwable failure) {
        StackTraceElement[] trace = failure.getStackTrace();
        return "internal error, please report it: %s%s"
                .formatted(failure, trace.length == 0 ? "" : " at " + trace[0]);
    }
}
