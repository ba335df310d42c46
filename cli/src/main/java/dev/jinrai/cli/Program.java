package dev.jinrai.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
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
            "Runs large language models from GGUF files and Hugging Face's directories.",
            "Without a command it chats; without a model, with the demo model that comes with it."
        },
        sortOptions = false,
        abbreviateSynopsis = true,
        versionProvider = Program.Version.class,
        footer = {
            "",
            "Examples:",
            "  jinrai                                         chat with the demo model",
            "  jinrai -m model.gguf                           chat with another",
            "  jinrai run -p \"Once upon a time\" -n 100         continue a text",
            "  jinrai run --chat -p \"Why is the sky blue?\"     ask one question",
            "  jinrai inspect model.gguf                      see what a file holds",
            "",
            "Environment: JINRAI_MODEL (as --model), JINRAI_BACKEND (as --backend),"
                    + " JINRAI_MODEL_DIR (where models are looked for by name, ~/.jinrai/models),"
                    + " JINRAI_JAVA_OPTS (flags for the JVM).",
            "Exit codes: 0 done, 1 failure, 2 wrong usage, 130 interrupted.",
        })
final class Program {
    private static final String CHAT = "chat";
    private static final String RUN = "run";

    /// Characters shown of a text that may be long.
    private static final int SHOWN = 40;

    private static final Set<String> HELP = Set.of("-h", "--help");
    private static final Set<String> VERSION = Set.of("-V", "--version");

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

    /// Every command's name, for messages.
    private static final Set<String> COMMANDS =
            Set.of(
                    CHAT,
                    RUN,
                    "tokenize",
                    "detokenize",
                    "template",
                    "inspect",
                    "convert",
                    "logits",
                    "quantize",
                    "imatrix",
                    "bench",
                    "backends",
                    "selftest",
                    "help");

    private Program() {}

    /// Runs a command line.
    ///
    /// @return the exit code
    static int run(Io io, String... arguments) {
        int code;
        try {
            checkEncoding(arguments);
            String[] complete = withCommand(arguments);
            var help = new StringWriter(); // picocli swallows what goes wrong while it prints
            code = commandLine(io, needed(io, complete), help).execute(complete);
            io.out().print(help.toString());
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
                && (!arguments[0].startsWith("-")
                        || HELP.contains(arguments[0])
                        || VERSION.contains(arguments[0]))) {
            return arguments;
        }
        return Stream.concat(Stream.of(CHAT), Arrays.stream(arguments)).toArray(String[]::new);
    }

    /// In the POSIX locale, that of a bare container, the JVM cannot read what is not ASCII, and in
    /// no locale what is not UTF-8: better no prompt than a mangled one.
    private static void checkEncoding(String[] arguments) {
        String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
        if (!encoding.equals("UTF-8")
                && Arrays.stream(arguments).anyMatch(a -> a.contains("\uFFFD"))) {
            throw new UsageException(
                    ("the arguments hold characters that the locale (%s) cannot carry;"
                                    + " set LC_ALL=C.UTF-8")
                            .formatted(encoding));
        }
        ArgumentBytes.check(arguments, Path.of("/proc/self/cmdline"));
    }

    private static Map<String, Supplier<Object>> commands(Io io) {
        var commands = new LinkedHashMap<String, Supplier<Object>>();
        commands.put(CHAT, () -> new ChatCommand(io));
        commands.put(RUN, () -> new RunCommand(io));
        commands.put("tokenize", () -> new TokenizeCommand(io));
        commands.put("detokenize", () -> new DetokenizeCommand(io));
        commands.put("template", () -> new TemplateCommand(io));
        commands.put("inspect", () -> new InspectCommand(io));
        commands.put("convert", () -> new ConvertCommand(io));
        commands.put("logits", () -> new LogitsCommand(io));
        commands.put("quantize", () -> new QuantizeCommand(io));
        commands.put("imatrix", () -> new ImatrixCommand(io));
        commands.put("bench", () -> new BenchCommand(io));
        commands.put("backends", () -> new BackendsCommand(io));
        commands.put("selftest", () -> new SelfTestCommand(io));
        commands.put("help", HelpCommand::new);
        return commands;
    }

    /// To look at a command's options takes as long as to start the JVM: only at those needed.
    private static Map<String, Supplier<Object>> needed(Io io, String[] arguments) {
        Map<String, Supplier<Object>> commands = commands(io);
        if (commands.containsKey(arguments[0]) && !arguments[0].equals("help")) {
            commands.keySet().retainAll(Set.of(arguments[0]));
        } else if (arguments.length == 1 && VERSION.contains(arguments[0])) {
            commands.clear();
        }
        return commands;
    }

    private static CommandLine commandLine(
            Io io, Map<String, Supplier<Object>> commands, Writer help) {
        var line = new CommandLine(new Program());
        commands.forEach((name, command) -> line.addSubcommand(name, command.get()));
        // A prompt may begin with @ or be the name of an option; numbers are what they look like.
        line.setExpandAtFiles(false);
        line.setAllowOptionsAsOptionParameters(true);
        line.registerConverter(Integer.class, text -> (int) whole(text, Integer.MAX_VALUE));
        line.registerConverter(int.class, text -> (int) whole(text, Integer.MAX_VALUE));
        line.registerConverter(Long.class, text -> whole(text, Long.MAX_VALUE));
        line.registerConverter(Float.class, Program::number);
        line.setOut(new PrintWriter(help));
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
        String problem = "" + e.getMessage();
        if (e instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            String argument = unmatched.getUnmatched().getFirst();
            if (command.getParent() == null) {
                return unknownCommand(argument, command);
            }
            problem = unexpected(argument, command);
        }
        return new UsageException(
                "%s (see %s --help)".formatted(problem, command.getCommandSpec().qualifiedName()));
    }

    private static String unexpected(String argument, CommandLine command) {
        if (!argument.startsWith("-")) {
            if (command.getCommandName().equals(RUN)) {
                return "unexpected argument '%s'; the prompt goes after -p, in quotes: -p \"TEXT\""
                        .formatted(Printable.line(argument, SHOWN));
            }
            return COMMANDS.contains(argument)
                    ? "options go after the command: jinrai %s …".formatted(argument)
                    : "unexpected argument '%s'".formatted(argument);
        }
        int value = argument.indexOf('=');
        String option = value < 0 ? argument : argument.substring(0, value);
        return Nearest.to(option, command.getCommandSpec().optionsMap().keySet())
                .map(near -> "unknown option '%s', did you mean %s?".formatted(option, near))
                .orElse("unknown option '%s'".formatted(option));
    }

    /// What to say to a command that does not exist.
    static UsageException unknownCommand(String name, CommandLine program) {
        String known =
                program.getSubcommands().keySet().stream()
                        .sorted()
                        .collect(Collectors.joining(", "));
        if (name.endsWith(".gguf") || Files.exists(Path.of(name))) {
            return new UsageException(
                    "no command '%s'; to chat with a model: jinrai -m %s".formatted(name, name));
        }
        return new UsageException("no command '%s' (known: %s)".formatted(name, known));
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
}
