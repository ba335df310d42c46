package dev.jinrai.safetensors;

import dev.jinrai.gguf.Quote;
import dev.jinrai.json.Json;
import dev.jinrai.json.JsonException;
import dev.jinrai.json.JsonNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// The weights of a folder: `model.safetensors`, or the files that `model.safetensors.index.json` names.
///
/// ```text
/// {"metadata": {…}, "weight_map": {"TENSOR": "model-00001-of-00002.safetensors", …}}
/// ```
/// Index and files say the same or are refused: a tensor that one of them has and the other has not, or has elsewhere, may be the
/// wrong one. A name of a file that leaves the folder is refused; a file there may be a link, as in the hub's cache. Where both ways
/// are there, the single file is read, as `transformers` does.
public final class Shards implements AutoCloseable {
    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    private final Path directory;
    private final List<Safetensors> files;
    private final Map<String, Safetensors> places;

    private Shards(Path directory, List<Safetensors> files, Map<String, Safetensors> places) {
        this.directory = directory;
        this.files = List.copyOf(files);
        this.places = Collections.unmodifiableMap(places);
    }

    /// Maps the files of a folder and reads their tables.
    ///
    /// @throws SafetensorsException if one cannot be read, or index and files do not agree
    public static Shards open(Path directory) {
        Path index = directory.resolve(INDEX);
        boolean single = Files.exists(directory.resolve(SINGLE));
        if (!single && !Files.exists(index)) {
            throw new SafetensorsException(missing(directory));
        }
        Map<String, String> map = single ? Map.of() : weightMap(index);
        Set<String> names = new LinkedHashSet<>(single ? List.of(SINGLE) : map.values());
        List<Safetensors> files = new ArrayList<>();
        try {
            Map<String, Safetensors> places = new LinkedHashMap<>();
            for (String name : names) {
                Path file = directory.resolve(name);
                if (!Files.exists(file)) {
                    throw new SafetensorsException(
                            "%s: is not there, and the index wants it; is the download complete?"
                                    .formatted(shown(file)));
                }
                files.add(Safetensors.open(file));
                for (TensorEntry tensor : files.getLast().tensors()) {
                    if (!single && !name.equals(map.get(tensor.name()))) {
                        throw strayed(
                                file, tensor.name(), Optional.ofNullable(map.get(tensor.name())));
                    }
                    places.put(tensor.name(), files.getLast());
                }
            }
            map.forEach((tensor, name) -> {
                if (!places.containsKey(tensor)) {
                    throw new SafetensorsException(
                            "%s: has no tensor %s, and the index places it there"
                                    .formatted(
                                            shown(directory.resolve(name)), Quote.quote(tensor)));
                }
            });
            return new Shards(directory, files, places);
        } catch (RuntimeException | Error e) {
            files.forEach(Safetensors::close);
            throw e;
        }
    }

    private static Map<String, String> weightMap(Path index) {
        try {
            JsonNode map = Json.read(index).named(shown(index)).get("weight_map");
            Map<String, String> files = new LinkedHashMap<>();
            for (String tensor : map.members().keySet()) {
                String name = map.get(tensor).text();
                if (!name.matches("[\\w][\\w.+-]*\\.safetensors")) {
                    throw map.get(tensor)
                            .wrong(
                                    "wanted the name of a safetensors file in this folder, got "
                                            + Quote.quote(name));
                }
                files.put(tensor, name);
            }
            if (files.isEmpty()) {
                throw map.wrong("names no tensor");
            }
            return files;
        } catch (JsonException e) {
            throw new SafetensorsException(Quote.printable("" + e.getMessage()), e);
        }
    }

    private static SafetensorsException strayed(Path file, String tensor, Optional<String> place) {
        return new SafetensorsException(
                "%s: tensor %s: the index %s"
                        .formatted(
                                shown(file),
                                Quote.quote(tensor),
                                place.map(other -> "places it in " + Quote.quote(other))
                                        .orElse("does not name it")));
    }

    /// {@return what a folder without weights seems to be}
    private static String missing(Path directory) {
        String wanted = "%s: has neither %s nor %s".formatted(shown(directory), SINGLE, INDEX);
        try (Stream<Path> files = Files.list(directory)) {
            List<String> names = files.map(file -> file.getFileName().toString()).toList();
            if (names.stream().anyMatch(name -> name.startsWith("adapter_model."))) {
                return wanted + "; an adapter alone is no model";
            }
            if (names.stream().anyMatch(name -> name.matches("pytorch_model.*\\.bin"))) {
                return wanted + "; weights in PyTorch's own form are not supported";
            }
            return wanted;
        } catch (IOException e) {
            return "%s: cannot be read: %s".formatted(shown(directory), Quote.printable("" + e));
        }
    }

    private static String shown(Path path) {
        return Quote.printable(path.toString());
    }

    /// The folder, as it was given.
    public Path directory() {
        return directory;
    }

    /// The files, in the order in which the index names them.
    public List<Safetensors> files() {
        return files;
    }

    /// The tensors of all files, in the files' order.
    public List<TensorEntry> tensors() {
        return files.stream().flatMap(file -> file.tensors().stream()).toList();
    }

    /// The tensor of this name, if there is one.
    public Optional<TensorEntry> tensor(String name) {
        return Optional.ofNullable(places.get(name)).flatMap(file -> file.tensor(name));
    }

    /// {@return the bytes of a tensor: a read-only slice of a mapping, nothing is copied}
    ///
    /// @throws IllegalArgumentException if no file has it
    /// @throws IllegalStateException if the files are closed
    public MemorySegment data(String name) {
        Safetensors file = places.get(name);
        if (file == null) {
            throw new IllegalArgumentException(
                    "%s: has no tensor %s".formatted(directory, Quote.quote(name)));
        }
        return file.data(file.tensor(name).orElseThrow());
    }

    /// Unmaps the files; a second call does nothing.
    @Override
    public void close() {
        files.forEach(Safetensors::close);
    }
}
