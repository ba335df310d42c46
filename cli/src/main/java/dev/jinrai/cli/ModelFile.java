package dev.jinrai.cli;

import dev.jinrai.format.UnsupportedFormatException;
import dev.jinrai.huggingface.HuggingFaceCheckpoint;
import dev.jinrai.model.ModelException;
import dev.jinrai.tokenizer.TokenizerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Finds the file that a user means by a model.
final class ModelFile {
    private static final String DEMO = "demo/demo-Q8_0.gguf";
    private static final String SUFFIX = ".gguf";

    /// The end of the name of a split model's file that is not its first.
    private static final Pattern LATER_PART = Pattern.compile("-(?!00001)\\d{5}-of-\\d{5}\\.gguf$");

    private ModelFile() {}

    /// Looks for a file or a Hugging Face directory of that path, then for a model of that name in the model directory. Without
    /// a name it is the one that `JINRAI_MODEL` names, then the demo model.
    static Path find(Optional<String> named, Io io) {
        Optional<String> model = named.or(() -> io.variable("JINRAI_MODEL"));
        return model.isPresent()
                ? find(model.get(), directory(io))
                : demo("name a model with --model");
    }

    /// {@return what is named, if it is a JSON file, or a directory with a `tokenizer.json`}
    static Optional<Path> huggingFaceTokenizer(Optional<String> named, Io io) {
        return named.or(() -> io.variable("JINRAI_MODEL"))
                .filter(name -> !name.isEmpty())
                .map(Path::of)
                .filter(path ->
                        Files.isDirectory(path)
                                ? Files.exists(path.resolve("tokenizer.json"))
                                : path.toString().endsWith(".json") && Files.exists(path));
    }

    private static Path find(String model, Path directory) {
        if (model.startsWith("hf:") || model.startsWith("ollama:")) {
            throw new CommandException(
                    "%s: this build cannot download; fetch the GGUF file and give its path"
                            .formatted(model));
        }
        if (model.isEmpty()) {
            throw new UsageException("--model: wanted a file or a name, got an empty text");
        }
        Path path = Path.of(model);
        if (HuggingFaceCheckpoint.isOne(path)) {
            return path;
        }
        if (Files.isDirectory(path)) {
            throw new CommandException(
                    "%s: is a directory without a config.json, wanted a GGUF file or a directory of"
                                    .formatted(path)
                            + " Hugging Face"
                            + known(path));
        }
        if (Files.exists(path)) {
            return path;
        }
        if (Files.isSymbolicLink(path)) {
            throw new CommandException("%s: is a link to a file that is not there".formatted(path));
        }
        if (path.getNameCount() > 1 || path.isAbsolute()) {
            throw new CommandException("%s: no such file".formatted(model));
        }
        for (String name : List.of(model, model + SUFFIX)) {
            Path file = directory.resolve(name);
            if (HuggingFaceCheckpoint.isOne(file)) {
                return file;
            }
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        throw new CommandException(
                "%s: no such file, and no model of that name in %s%s"
                        .formatted(model, directory, known(directory)));
    }

    /// {@return the model that ships with the program}
    ///
    /// @param remedy what to do where it is not there
    static Path demo(String remedy) {
        String home = System.getProperty("jinrai.home", "");
        Path file = Path.of(home).resolve(DEMO);
        if (!Files.exists(file)) {
            throw new CommandException(
                    "%s: the demo model is not there; %s".formatted(file, remedy));
        }
        return file;
    }

    private static Path directory(Io io) {
        return io.variable("JINRAI_MODEL_DIR")
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home", ""), ".jinrai", "models"));
    }

    /// {@return ` (there: a.gguf, b.gguf)`}
    private static String known(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            List<String> names =
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(SUFFIX))
                            .filter(name -> !LATER_PART.matcher(name).find())
                            .sorted()
                            .limit(8)
                            .toList();
            return names.isEmpty() ? "" : " (there: %s)".formatted(String.join(", ", names));
        } catch (IOException e) {
            return "";
        }
    }

    /// Checks that a path is not a file of a Hugging Face directory, which is not a model by itself.
    ///
    /// @throws CommandException if it is; the message says what to give instead
    static void checkWhole(Path file) {
        String name = file.toString();
        if (Files.isRegularFile(file)
                && (name.endsWith(".safetensors") || name.endsWith(".json"))) {
            Path directory = file.toAbsolutePath().getParent();
            throw new CommandException(
                    "%s: is a part of a model of Hugging Face; give the directory, %s"
                            .formatted(file, directory));
        }
    }

    /// Checks that a path is the one file, of GGUF, that a command needs.
    ///
    /// @throws CommandException if it is a directory of Hugging Face, or a file of one; the message says what makes a GGUF file
    static void checkGguf(Path file) {
        if (HuggingFaceCheckpoint.isOne(file)) {
            throw new CommandException(
                    "%s: is a directory of Hugging Face, wanted a GGUF file; 'jinrai convert' makes one"
                            .formatted(file));
        }
        String name = file.toString();
        if (Files.isRegularFile(file)
                && (name.endsWith(".safetensors") || name.endsWith(".json"))) {
            throw new CommandException(
                    "%s: is a part of a model of Hugging Face, wanted a GGUF file; 'jinrai convert' makes one of the directory"
                            .formatted(file));
        }
    }

    /// Runs `open`; what it throws about the file says the file's name.
    static <T> T named(Path file, Supplier<T> open) {
        try {
            return open.get();
        } catch (ModelException
                | UnsupportedFormatException
                | TokenizerException
                | IllegalArgumentException
                | ArithmeticException e) {
            String message = "" + e.getMessage();
            throw new CommandException(
                    message.startsWith(file.toString()) ? message : file + ": " + message);
        }
    }
}
