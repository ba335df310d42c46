package dev.jinrai.cli;

import dev.jinrai.Generation;
import dev.jinrai.Model;
import dev.jinrai.chat.Message;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `jinrai chat`, and `jinrai` without a command.
@Command(
        name = "chat",
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Chats with a model, in the model's own chat template.",
            "",
            "At a terminal it is a conversation: /help lists its commands, Ctrl-C stops an answer,"
                + " Ctrl-D leaves. A prompt on standard input that is not a terminal is answered as"
                + " one message, the answer alone on standard output.",
            ""
        })
final class ChatCommand implements Callable<Integer> {
    @Option(
            names = {"-i", "--interactive"},
            description =
                    "Hold a conversation, a line a message, even if the input is no terminal.")
    private boolean interactive;

    @Mixin private TemplateArguments template = new TemplateArguments();
    @Mixin private GenerationArguments generation = new GenerationArguments();
    @Mixin private ModelArguments model = new ModelArguments();
    @Mixin private JsonArguments output = new JsonArguments();

    private final Io io;

    ChatCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() {
        boolean conversation = interactive || io.interactive();
        if (conversation && output.json) {
            throw new UsageException(
                    "--json: a conversation is not one document; give a prompt on standard input");
        }
        template.check();
        model.check();
        Generation.Options asked = generation.options();
        var grammar = generation.grammar();
        long start = System.nanoTime();
        try (Model opened = model.open(io)) {
            GenerationArguments.check(asked, opened.config().vocabularySize());
            var tokenizer = ModelFile.named(opened.file(), opened::tokenizer);
            Generation.Options options =
                    grammar.map(g -> g.constrain(asked, tokenizer)).orElse(asked);
            Chat raw = Chat.raw(opened);
            Chat first = template.off() ? raw : template.of(opened, io);
            if (conversation) {
                try (var talk = new Conversation(opened, first, template.system(), options)) {
                    new Repl(io, opened, talk, raw, () -> template.of(opened, io)).run();
                    return Failures.DONE;
                }
            }
            var shot = new OneShot(io, opened, System.nanoTime() - start, output.json, false);
            var messages = List.of(Message.user(TextInput.prompt(io)));
            return shot.answer(
                    first.prompt(tokenizer, template.system(), messages),
                    first.marked(options),
                    tokenizer);
        }
    }
}
