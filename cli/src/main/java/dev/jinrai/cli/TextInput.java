package dev.jinrai.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.file.Files;
import java.nio.file.Path;

/// Text from files and from standard input: UTF-8 or an error, because a character that is silently
/// replaced is another prompt.
///
/// One line end at the end goes: `echo` and editors put it there, and no prompt means it.
final class TextInput {
    private TextInput() {}

    static String read(Path file) {
        try {
            return text(file.toString(), Files.readAllBytes(file));
        } catch (IOException e) {
            throw new CommandException("%s: cannot be read: %s".formatted(file, IoProblem.of(e)));
        }
    }

    /// All of standard input.
    static String read(InputStream in) {
        try {
            return text("standard input", in.readAllBytes());
        } catch (IOException e) {
            throw new CommandException("standard input: cannot be read: " + IoProblem.of(e));
        }
    }

    /// All of standard input, which is to be a prompt.
    static String prompt(Io io) {
        String text = read(io.in());
        if (text.isEmpty()) {
            throw new UsageException("no prompt: standard input is empty");
        }
        return text;
    }

    private static String text(String source, byte[] bytes) {
        String text = decode(source, bytes);
        if (text.endsWith("\r\n")) {
            return text.substring(0, text.length() - 2);
        }
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    /// {@return the bytes as text}
    ///
    /// @param source for the message
    static String decode(String source, byte[] bytes) {
        try {
            return UTF_8.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new CommandException(source + ": is not text in UTF-8");
        }
    }
}
