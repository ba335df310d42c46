package dev.jinrai.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `--json`.
@Command
final class JsonArguments {
    @Option(names = "--json", description = "Print the result as one JSON document.")
    boolean json;
}
