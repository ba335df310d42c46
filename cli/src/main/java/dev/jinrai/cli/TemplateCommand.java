package dev.jinrai.cli;

import dev.jinrai.jinja.Limits;
import dev.jinrai.jinja.Template;
import dev.jinrai.jinja.TemplateException;
import dev.jinrai.tokenizer.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `jinrai template`: what a chat template makes of conversations.
@Command(
        name = "template",
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Renders a chat template: the model's own, or a Jinja file.",
            "",
            "It answers lines {\"messages\":[…], \"tools\":[…], \"add_generation_prompt\":true,"
                + " \"bos_token\":…, …}, whose keys are the template's variables, with lines"
                + " {\"text\":…} or {\"error\":…}; the exit code is 0 then, whatever the answers"
                + " are. The text is all that the template makes, a BOS token in front included.",
            ""
        })
final class TemplateCommand implements Callable<Integer> {
    @Option(
            names = "--source",
            paramLabel = "FILE",
            description =
                    "A Jinja file. It knows the variables of the line alone, and with --model that"
                            + " model's bos_token and eos_token too.")
    private Optional<Path> source = Optional.empty();

    @Option(names = "--jsonl", description = "Answer lines of JSON on standard input.")
    private boolean lines;

    @Option(
            names = "--now",
            paramLabel = "TIME",
            description =
                    "What strftime_now tells, 2025-01-02T03:04:05 for example (default: the time it"
                            + " is).")
    private Optional<String> now = Optional.empty();

    @Mixin private VocabularyArguments vocabulary = new VocabularyArguments();

    private final Io io;

    TemplateCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() {
        if (!lines) {
            throw new UsageException(
                    "template: wants --jsonl, and conversations on standard input");
        }
        Clock clock = now.map(TemplateCommand::clock).orElse(Clock.system(ZoneId.systemDefault()));
        Rendering rendering = rendering(clock);
        JsonLines.answer(io, rendering::answer);
        return Failures.DONE;
    }

    private static Clock clock(String time) {
        try {
            return Clock.fixed(LocalDateTime.parse(time).toInstant(ZoneOffset.UTC), ZoneOffset.UTC);
        } catch (DateTimeParseException e) {
            throw new UsageException(
                    "--now: wanted a time like 2025-01-02T03:04:05, got '%s'"
                            .formatted(Printable.line(time, 40)));
        }
    }

    private Rendering rendering(Clock clock) {
        Optional<String> given = source.map(TemplateCommand::read);
        if (given.isPresent() && !vocabulary.given()) {
            return Rendering.of(given.get(), Map.of(), clock);
        }
        VocabularyFile file = vocabulary.open(io);
        String text = given.orElse(file.chatTemplate());
        if (given.isEmpty() && text.isBlank()) {
            throw new CommandException("the model has no chat template; --source FILE names one");
        }
        return Rendering.of(text, tokens(file.tokenizer().vocabulary()), clock);
    }

    private static Map<String, Object> tokens(Vocabulary vocabulary) {
        return Map.of(
                "bos_token", text(vocabulary, vocabulary.bos()),
                "eos_token", text(vocabulary, vocabulary.eos()));
    }

    private static String text(Vocabulary vocabulary, OptionalInt id) {
        return id.isPresent() ? vocabulary.text(id.getAsInt()) : "";
    }

    /// The file as it is: what a line end at its end means, Jinja says.
    private static String read(Path file) {
        try {
            return TextInput.decode(file.toString(), Files.readAllBytes(file));
        } catch (IOException e) {
            throw new CommandException(
                    "--source: %s: cannot be read: %s".formatted(file, IoProblem.of(e)));
        }
    }

    /// A template, or why it is none, which is then the answer to every line.
    private record Rendering(
            Optional<Template> template,
            String problem,
            Map<String, Object> defaults,
            Clock clock) {

        static Rendering of(String source, Map<String, Object> defaults, Clock clock) {
            try {
                return new Rendering(Optional.of(Template.parse(source)), "", defaults, clock);
            } catch (TemplateException e) {
                return new Rendering(
                        Optional.empty(), String.valueOf(e.getMessage()), defaults, clock);
            }
        }

        Map<String, @Nullable Object> answer(JsonLines.Question question) {
            if (template.isEmpty()) {
                throw new CommandException(problem);
            }
            Map<String, @Nullable Object> variables = new HashMap<>(defaults);
            variables.putAll(Json.map(question.object()));
            try {
                return Json.object("text", template.get().render(variables, Limits.DEFAULT, clock));
            } catch (TemplateException e) {
                throw new CommandException(String.valueOf(e.getMessage()));
            }
        }
    }
}
