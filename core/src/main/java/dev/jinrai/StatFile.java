package dev.jinrai;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/// The small text files by which Linux says how it is. Where one is missing or holds something else, it says
/// nothing.
final class StatFile {
    private StatFile() {}

    /// {@return the lines; none if there is no such file}
    static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }

    /// {@return the number that the file consists of; none for a word such as `max`}
    static OptionalLong number(Path file) {
        return parsed(String.join("", lines(file)));
    }

    /// {@return the number behind `key`, in a file of lines `key number`}
    static OptionalLong number(Path file, String key) {
        for (String line : lines(file)) {
            String[] words = line.strip().split("\\s+", -1);
            if (words.length > 1 && words[0].equals(key)) {
                return parsed(words[1]);
            }
        }
        return OptionalLong.empty();
    }

    private static OptionalLong parsed(String text) {
        try {
            return OptionalLong.of(Long.parseLong(text.strip()));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
