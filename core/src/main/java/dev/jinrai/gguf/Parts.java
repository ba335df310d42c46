package dev.jinrai.gguf;

import dev.jinrai.gguf.Gguf.Part;
import dev.jinrai.gguf.Gguf.Placed;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// # A model in several files
///
/// Each is a GGUF file with tensors of its own, and these keys:
///
/// | key | type | |
/// |---|---|---|
/// | `split.no` | u16 | which part, from 0 |
/// | `split.count` | u16 | how many there are |
/// | `split.tensors.count` | i32 | tensors of all parts together |
///
/// All other keys are in the first part. The others are found by its name, `NAME-00001-of-00003.gguf`,
/// whose numbers count from 1, and lie beside it. A part that is missing or belongs to another model
/// is an error: what is left would be a model with holes.
///
/// Source: `llama-gguf-split` and `llama_get_list_splits` in llama.cpp (0.7.0).
final class Parts {
    static final String NUMBER = "split.no";
    static final String COUNT = "split.count";
    static final String TENSORS = "split.tensors.count";

    /// What the sixteen bits of the key can count.
    private static final int MOST = 65_535;

    private Parts() {}

    /// {@return all parts of the model that begins with `first`}
    static List<Part> open(Part first, Arena arena) {
        if (!first.metadata().contains(COUNT)) {
            return List.of(first);
        }
        int count = count(first);
        String suffix = suffix(0, count);
        String name = String.valueOf(first.file().getFileName());
        int number = number(first);
        if (number != 0) {
            throw Gguf.failure(
                    first.file(),
                    "is part %d of %d of a model; open the first, whose name ends in %s"
                            .formatted(number + 1, count, suffix),
                    null);
        }
        if (count == 1) {
            return List.of(first);
        }
        if (!name.endsWith(suffix)) {
            throw Gguf.failure(
                    first.file(),
                    "is the first of %d files, which are found by their names: its own has to end in %s"
                            .formatted(count, suffix),
                    null);
        }
        String stem = name.substring(0, name.length() - suffix.length());
        List<Part> parts = new ArrayList<>();
        parts.add(first);
        for (int i = 1; i < count; i++) {
            parts.add(next(first.file().resolveSibling(stem + suffix(i, count)), i, count, arena));
        }
        return parts;
    }

    private static Part next(Path file, int number, int count, Arena arena) {
        Part part;
        try {
            part = Part.open(file, arena);
        } catch (GgufException e) {
            throw new GgufException(
                    "%s (part %d of %d of a model, all of which have to be there)"
                            .formatted(e.getMessage(), number + 1, count),
                    e);
        }
        if (!part.metadata().contains(COUNT)) {
            throw Gguf.failure(
                    file,
                    "wanted part %d of %d, got a file that is no part".formatted(number + 1, count),
                    null);
        }
        int counted = count(part);
        if (number(part) != number || counted != count) {
            throw Gguf.failure(
                    file,
                    "wanted part %d of %d, got part %d of %d"
                            .formatted(number + 1, count, number(part) + 1, counted),
                    null);
        }
        return part;
    }

    private static int count(Part part) {
        int count = part.metadata().int32(COUNT);
        if (count < 1 || count > MOST) {
            throw Gguf.failure(
                    part.file(), "%s: wanted 1 to %d, got %d".formatted(COUNT, MOST, count), null);
        }
        return count;
    }

    private static int number(Part part) {
        int number = part.metadata().int32(NUMBER);
        if (number < 0 || number >= count(part)) {
            throw Gguf.failure(
                    part.file(),
                    "%s: wanted 0 to %d, got %d".formatted(NUMBER, count(part) - 1, number),
                    null);
        }
        return number;
    }

    private static String suffix(int number, int count) {
        return "-%05d-of-%05d.gguf".formatted(number + 1, count);
    }

    /// {@return the tensors of all parts by name, in the order of the tables}
    static Map<String, Placed> join(List<Part> parts) {
        Map<String, Placed> all = new LinkedHashMap<>();
        for (Part part : parts) {
            for (TensorInfo tensor : part.header().tensors().values()) {
                Placed other = all.put(tensor.name(), new Placed(tensor, part));
                if (other != null) {
                    throw Gguf.failure(
                            part.file(),
                            "tensor %s lies in %s too"
                                    .formatted(
                                            Quote.quote(tensor.name()),
                                            Quote.printable(other.part().file().toString())),
                            null);
                }
            }
        }
        Part first = parts.getFirst();
        if (parts.size() > 1 && first.metadata().int64(TENSORS, all.size()) != all.size()) {
            throw Gguf.failure(
                    first.file(),
                    "%s is %d, and the %d files hold %d tensors"
                            .formatted(
                                    TENSORS,
                                    first.metadata().int64(TENSORS),
                                    parts.size(),
                                    all.size()),
                    null);
        }
        return all;
    }
}
