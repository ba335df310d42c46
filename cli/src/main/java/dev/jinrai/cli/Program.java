package dev.jinrai.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/// `jinrai`: the list of commands, and what they have in common.
@Command(
        name = "jinrai",
        description = {
            "Runs large language models from GGUF files.",
            "Without a command it chats; without a model, with the demo model that comes with it."
        },
        sortOptions = false,
        versionProvider = Program.Version.class,
        footer = {
            "",
            "Environment: JINRAI_MODEL (as --model), JINRAI_BACKEND (as --backend), JINRAI_MODEL_DIR"
                    + " (where models are looked for by name, ~/.jinrai/models).",
            "Exit codes: 0 done, 1 failure, 2 wrong usage, 130 interrupted.",
        })
final class Program implements Runnable {
    private static final String CHAT = "chat";
    private static final List<String> OWN_OPTIONS = List.of("-h", "--help", "-V", "--version");

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            order = 100,
            description = "Show this help and exit.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            order = 101,
            description = "Show the version and exit.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean version;

    private Program() {}

    /// Runs a command line.
    ///
    /// @return the exit code
    static int run(Io io, String... arguments) {
        int code;
        try {
            checkEncoding(arguments);
            code = commandLine(io).execute(withCommand(arguments));
        } catch (RuntimeException | Error e) {
            code = Failures.report(e, io.messages());
        }
        try {
            io.out().flush();
            return code;
        } catch (OutputException e) {
            return Math.max(code, Failures.report(e, io.messages()));
        }
    }

    /// No command, or an option where one could stand, means `chat`.
    private static String[] withCommand(String[] arguments) {
        if (arguments.length > 0
                && (!arguments[0].startsWith("-") || OWN_OPTIONS.contains(arguments[0]))) {
            return arguments;
        }
        return Stream.concat(Stream.of(CHAT), Arrays.stream(arguments)).toArray(String[]::new);
    }

    /// In the POSIX locale, which is that of a bare container, the JVM cannot read what is not ASCII:
    /// better no prompt than a mangled one.
    private static void checkEncoding(String[] arguments) {
        String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
        if (!encoding.equals("UTF-8") && Arrays.stream(arguments).anyMatch(a -> a.contains("\uFFFD"))) {
            throw new UsageException(
                    "the arguments hold characters that the locale (%s) cannot carry; set LC_ALL=C.UTF-8"
                            .formatted(encoding));
        }
    }

    private static CommandLine commandLine(Io io) {
        var line =
                new CommandLine(new Program())
                        .addSubcommand(CHAT, new ChatCommand(io))
                        .addSubcommand("run", new RunCommand(io))
                        .addSubcommand("tokenize", new TokenizeCommand(io))
                        .addSubcommand("detokenize", new DetokenizeCommand(io))
                        .addSubcommand("inspect", new InspectCommand(io))
                        .addSubcommand("logits", new LogitsCommand(io))
                        .addSubcommand("backends", new BackendsCommand(io))
                        .addSubcommand("help", new HelpCommand());
        // A prompt may begin with @ or be the name of an option; numbers are what they look like.
        line.setExpandAtFiles(false);
        line.setAllowOptionsAsOptionParameters(true);
        line.registerConverter(Integer.class, text -> (int) whole(text, Integer.MAX_VALUE));
        line.registerConverter(Long.class, text -> whole(text, Long.MAX_VALUE));
        line.registerConverter(Float.class, Program::number);
        line.setOut(new PrintWriter(new OutputWriter(io.out())));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(io.colour() ? Ansi.ON : Ansi.OFF));
        line.setUsageHelpWidth(100);
        line.setParameterExceptionHandler((e, _) -> Failures.report(usage(e), io.messages()));
        line.setExecutionExceptionHandler((e, _, _) -> Failures.report(e, io.messages()));
        return line;
    }

    private static long whole(String text, long largest) {
        try {
            long value = Long.parseLong(text);
            if (Math.abs(value) <= largest) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new TypeConversionException(
                "wanted a whole number of at most %d, got '%s'".formatted(largest, text));
    }

    private static float number(String text) {
        try {
            return Float.parseFloat(text);
        } catch (NumberFormatException e) {
            throw new TypeConversionException("wanted a number, got '%s'".formatted(text));
        }
    }

    private static UsageException usage(ParameterException e) {
        CommandLine command = e.getCommandLine();
        if (e instanceof UnmatchedArgumentException unmatched
                && command.getParent() == null
                && !unmatched.getUnmatched().isEmpty()) {
            return unknownCommand(unmatched.getUnmatched().getFirst(), command);
        }
        return new UsageException(
                "%s (see %s --help)"
                        .formatted(e.getMessage(), command.getCommandSpec().qualifiedName()));
    }

    /// What to say to a command that does not exist.
    static UsageException unknownCommand(String name, CommandLine program) {
        String known =
                program.getSubcommands().keySet().stream().sorted().collect(Collectors.joining(", "));
        return new UsageException("no command '%s' (known: %s)".formatted(name, known));
    }

    /// Not reached: [#withCommand] adds what is missing.
    @Override
    public void run() {
        throw new IllegalStateException("no command");
    }

    /// What `--version` prints.
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "jinrai %s (Java %s, %s %s)"
                        .formatted(
                                number(),
                                Runtime.version(),
                                System.getProperty("os.name"),
                                System.getProperty("os.arch"))
            };
        }

        /// {@return the version of the build; Maven puts it into the module}
        static String number() {
            var descriptor = Main.class.getModule().getDescriptor();
            return descriptor == null
                    ? "(unpackaged)"
                    : descriptor.rawVersion().orElse("(unpackaged)");
        }
    }

    /// Help on standard output.
    private static final class OutputWriter extends Writer {
        private final Output out;

        OutputWriter(Output out) {
            this.out = out;
        }

        @Override
        public void write(char[] text, int offset, int length) throws IOException {
            out.print(new String(text, offset, length));
        }

        @Override
        public void flush() {
            out.flush();
        }

        @Override
        public void close() {}
    }
}
