package dev.jinrai.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `--help`, which every command has.
@Command
final class HelpArguments {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            order = 1000,
            description = "Show this help and exit.")
    private boolean help;
}
