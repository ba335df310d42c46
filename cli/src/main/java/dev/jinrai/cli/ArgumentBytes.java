package dev.jinrai.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// The arguments as the system handed them over. The JVM puts U+FFFD in the place of bytes that are
/// not UTF-8, and then they are another text; whether they were, only Linux tells.
final class ArgumentBytes {
    private static final String REPLACEMENT = "\uFFFD";

    private ArgumentBytes() {}

    /// @param commandLine the bytes of all arguments, `/proc/self/cmdline`; it need not exist
    /// @throws UsageException if an argument is not UTF-8
    static void check(String[] arguments, Path commandLine) {
        if (Arrays.stream(arguments).noneMatch(a -> a.contains(REPLACEMENT))) {
            return;
        }
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(commandLine)));
        } catch (CharacterCodingException e) {
            String first =
                    Arrays.stream(arguments)
                            .filter(a -> a.contains(REPLACEMENT))
                            .findFirst()
                            .orElseThrow();
            throw new UsageException(
                    "argument '%s' is not text in UTF-8".formatted(Printable.line(first, 40)));
        } catch (IOException e) {
            // A system without /proc: nobody can tell.
        }
    }
}
