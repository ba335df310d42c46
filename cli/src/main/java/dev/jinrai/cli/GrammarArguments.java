package dev.jinrai.cli;

import dev.jinrai.Generation;
import dev.jinrai.grammar.Constraint;
import dev.jinrai.grammar.Grammar;
import dev.jinrai.grammar.GrammarException;
import dev.jinrai.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// What an answer may look like.
@Command
final class GrammarArguments {
    @Option(
            names = "--grammar",
            paramLabel = "FILE",
            description =
                    "Answer with a text of this grammar: GBNF, as in llama.cpp. It is complete also"
                            + " where --max-tokens or the context ends it.")
    private Optional<Path> grammar = Optional.empty();

    @Option(
            names = "--json-schema",
            paramLabel = "FILE",
            description =
                    "Answer with JSON that satisfies this schema; complete, as with --grammar.")
    private Optional<Path> schema = Optional.empty();

    /// A grammar and the file it came from, for messages.
    record FromFile(Path file, Grammar grammar) {
        /// {@return options for answers of this grammar}
        ///
        /// @throws CommandException if the vocabulary cannot spell it
        Generation.Options constrain(Generation.Options options, Tokenizer tokenizer) {
            return options.withConstraint(named(file, () -> Constraint.of(grammar, tokenizer)));
        }
    }

    /// {@return the grammar asked for}
    ///
    /// @throws UsageException if both are asked for
    /// @throws CommandException if it cannot be read; the message names the file, and where in it
    Optional<FromFile> read() {
        if (grammar.isPresent() && schema.isPresent()) {
            throw new UsageException("--grammar and --json-schema exclude each other");
        }
        return grammar.map(file -> read(file, Grammar::parse))
                .or(() -> schema.map(file -> read(file, Grammar::ofJsonSchema)));
    }

    private static FromFile read(Path file, Function<String, Grammar> reader) {
        String text = TextInput.read(file);
        return new FromFile(file, named(file, () -> reader.apply(text)));
    }

    private static <T> T named(Path file, Supplier<T> maker) {
        try {
            return maker.get();
        } catch (GrammarException e) {
            throw new CommandException(file + ": " + e.getMessage());
        }
    }
}
