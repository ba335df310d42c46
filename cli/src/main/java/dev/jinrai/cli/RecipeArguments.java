package dev.jinrai.cli;

import dev.jinrai.format.GgmlType;
import dev.jinrai.quantize.Mix;
import dev.jinrai.quantize.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Which types the tensors of a quantized file get; options and names are llama-quantize's.
@Command
final class RecipeArguments {
    /// Short names of mixes that are not types.
    private static final Map<String, String> ALIASES =
            Map.of("Q3_K", "Q3_K_M", "Q4_K", "Q4_K_M", "Q5_K", "Q5_K_M");

    @Option(
            names = "--token-embedding-type",
            paramLabel = "T",
            description = "The type of the token embedding: Q8_0, F16, …")
    private Optional<String> embedding = Optional.empty();

    @Option(
            names = "--output-tensor-type",
            paramLabel = "T",
            description = "The type of the output head.")
    private Optional<String> head = Optional.empty();

    @Option(
            names = "--tensor-type",
            paramLabel = "PATTERN=T",
            description =
                    "The type of tensors in whose name the regular expression is found:"
                            + " attn_v=Q6_K; may be given several times, the first that is found"
                            + " counts.")
    private List<String> tensors = new ArrayList<>();

    @Option(
            names = "--tensor-type-file",
            paramLabel = "FILE",
            description = "More of these, separated by blanks or line ends.")
    private Optional<Path> tensorsFile = Optional.empty();

    @Option(
            names = "--leave-output-tensor",
            description = "Leave the output head (output.weight) as it is.")
    private boolean leaveOutput;

    @Option(
            names = "--pure",
            description = "Give every matrix the type that gives the mix its name.")
    private boolean pure;

    /// {@return the recipe that these options and this mix ask for}
    ///
    /// @throws UsageException if one means nothing
    Recipe recipe(String mix) {
        var overrides = new ArrayList<Recipe.TypeOverride>();
        tensors.forEach(text -> overrides.add(override("--tensor-type", text)));
        tensorsFile.ifPresent(file ->
                Arrays.stream(TextInput.read(file).split("\\s+"))
                        .filter(text -> !text.isEmpty())
                        .forEach(text -> overrides.add(override(file.toString(), text))));
        var recipe =
                new Recipe(
                        mix(mix),
                        pure,
                        leaveOutput,
                        embedding.map(text -> type("--token-embedding-type", text)),
                        head.map(text -> type("--output-tensor-type", text)),
                        overrides);
        if (!recipe.chooses() && (pure || !overrides.isEmpty())) {
            throw new UsageException(
                    "--pure and --tensor-type mean nothing with %s, which is one type for all"
                            .formatted(recipe.mix()));
        }
        return recipe;
    }

    /// @param out a file that is written, and so must be another
    void checkApart(Path out) {
        tensorsFile.ifPresent(file -> OutputFile.checkApart(out, file, "the file of tensor types"));
    }

    private static Mix mix(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        String name = ALIASES.getOrDefault(upper, upper);
        return Arrays.stream(Mix.values())
                .filter(m -> m.name().equals(name) || ("" + m.fileType()).equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new UsageException(
                                "TYPE: wanted one of %s, got '%s'%s"
                                        .formatted(
                                                Arrays.stream(Mix.values())
                                                        .map(Mix::name)
                                                        .sorted()
                                                        .collect(Collectors.joining(", ")),
                                                text,
                                                isType(name)
                                                        ? ", which is read, not written"
                                                        : "")));
    }

    private static boolean isType(String name) {
        return Arrays.stream(GgmlType.values()).anyMatch(type -> type.name().equals(name));
    }

    private static GgmlType type(String option, String text) {
        return Arrays.stream(GgmlType.values())
                .filter(type -> type.name().equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(() ->
                        new UsageException(
                                "%s: wanted a tensor type such as Q6_K, got '%s'"
                                        .formatted(option, text)));
    }

    /// Names of tensors are in lower case, so patterns are taken so.
    private static Recipe.TypeOverride override(String option, String text) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new UsageException("%s: wanted PATTERN=TYPE, got '%s'".formatted(option, text));
        }
        try {
            return new Recipe.TypeOverride(
                    Pattern.compile(text.substring(0, equals), Pattern.CASE_INSENSITIVE),
                    type(option, text.substring(equals + 1)));
        } catch (PatternSyntaxException e) {
            throw new UsageException(
                    "%s: '%s' is no regular expression: %s"
                            .formatted(option, text.substring(0, equals), e.getDescription()));
        }
    }
}
