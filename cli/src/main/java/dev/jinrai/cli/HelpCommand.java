package dev.jinrai.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `jinrai help COMMAND`, the same as `jinrai COMMAND --help`.
@Command(name = "help", description = "Shows the help of a command.")
final class HelpCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "COMMAND", description = "The command.")
    private Optional<String> command = Optional.empty();

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        CommandLine program = spec.root().commandLine();
        CommandLine subject = program;
        if (command.isPresent()) {
            subject = program.getSubcommands().get(command.get());
            if (subject == null) {
                throw Program.unknownCommand(command.get(), program);
            }
        }
        subject.usage(program.getOut());
        return Failures.DONE;
    }
}
