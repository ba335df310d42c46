package dev.jinrai.cli;

import dev.jinrai.Generation;
import dev.jinrai.Model;
import dev.jinrai.chat.Message;
import dev.jinrai.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `jinrai run`: one prompt, one answer.
///
/// The prompt is completed as it is, as by llama.cpp's completion tool: special tokens written out
/// in it count, the BOS token is added where the model wants it. It becomes a user's message in a
/// chat template when an option asks for that.
@Command(
        name = "run",
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Completes a prompt: the text goes to standard output, a line of timings to standard"
                    + " error.",
            "",
            "The prompt is used as it is, special tokens in it included, and the model continues"
                + " it. With --chat, --system-prompt, --chat-template or --tools it is a question:"
                + " the chat template is put around it; the model's reasoning goes to standard"
                + " error, and each function that it calls is a line of JSON.",
            "",
            "Without -p, -f and --tokens the prompt is read from standard input. One line end at"
                    + " the end of a file or of standard input is not part of the prompt.",
            "",
            "Ctrl-C ends the answer; what there is of it stays.",
            ""
        })
final class RunCommand implements Callable<Integer> {
    @Option(
            names = {"-p", "--prompt"},
            paramLabel = "TEXT",
            description = "The prompt.")
    private Optional<String> prompt = Optional.empty();

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "A file that holds the prompt.")
    private Optional<Path> file = Optional.empty();

    @Option(
            names = "--tokens",
            paramLabel = "IDS",
            description =
                    "The prompt as token ids, 1,15043 for example; the model needs no vocabulary"
                            + " then. The answer's ids are printed on one line, its text after it.")
    private Optional<String> tokens = Optional.empty();

    @Option(names = "--chat", description = "Put the model's own chat template around the prompt.")
    private boolean chat;

    @Mixin private TemplateArguments template = new TemplateArguments();
    @Mixin private GenerationArguments generation = new GenerationArguments();
    @Mixin private ModelArguments model = new ModelArguments();
    @Mixin private JsonArguments output = new JsonArguments();

    private final Io io;

    RunCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() {
        checkUsage();
        Generation.Options asked = generation.options();
        var grammar = generation.grammar();
        Optional<int[]> ids = tokens.map(text -> TokenIds.parse("--tokens", text));

        long start = System.nanoTime();
        try (Model opened = model.open(io)) {
            GenerationArguments.check(asked, opened.config().vocabularySize());
            Optional<Tokenizer> tokenizer = tokenizer(opened);
            if (grammar.isPresent() && tokenizer.isEmpty()) {
                throw new CommandException(
                        opened.file() + ": a grammar needs a vocabulary that can be read");
            }
            Generation.Options options =
                    grammar.map(g -> g.constrain(asked, tokenizer.orElseThrow())).orElse(asked);
            var shot =
                    new OneShot(
                            io, opened, System.nanoTime() - start, output.json, ids.isPresent());
            if (ids.isPresent()) {
                int size = opened.config().vocabularySize();
                return shot.answer(TokenIds.check("--tokens", ids.get(), size), options, tokenizer);
            }
            String text =
                    prompt.or(() -> file.map(TextInput::read))
                            .orElseGet(() -> TextInput.prompt(io));
            if (templated()) {
                Chat with = template.of(opened, io);
                return shot.answer(
                        with.prompt(
                                tokenizer.orElseThrow(),
                                template.system(),
                                List.of(Message.user(text))),
                        with.marked(options),
                        tokenizer.orElseThrow());
            }
            return shot.answer(encode(text, tokenizer.orElseThrow()), options, tokenizer);
        }
    }

    private void checkUsage() {
        long prompts = Stream.of(prompt, file, tokens).filter(Optional::isPresent).count();
        if (prompts > 1) {
            throw new UsageException("--prompt, --file and --tokens exclude each other");
        }
        if (prompts == 0 && io.interactive()) {
            throw new UsageException(
                    "no prompt: give one with -p TEXT, -f FILE, --tokens IDS, or on standard"
                            + " input");
        }
        template.check();
        model.check();
        if (chat && template.off()) {
            throw new UsageException("--chat and --no-template exclude each other");
        }
        if (tokens.isPresent() && templated()) {
            throw new UsageException(
                    "--tokens: ids go to the model as they are; --chat, --system-prompt and"
                            + " --chat-template need text");
        }
    }

    private boolean templated() {
        return chat || template.asked();
    }

    /// With `--tokens` the answer needs no vocabulary; where there is one, it is shown as text too.
    private Optional<Tokenizer> tokenizer(Model opened) {
        return tokens.isEmpty()
                ? Optional.of(ModelFile.named(opened.file(), opened::tokenizer))
                : VocabularyFile.ifReadable(opened, "the answer has no text", io);
    }

    private static int[] encode(String text, Tokenizer tokenizer) {
        int[] encoded = tokenizer.encode(text, true, true);
        if (encoded.length == 0) {
            throw new UsageException("the prompt is empty, and this model puts no token before it");
        }
        return encoded;
    }
}
