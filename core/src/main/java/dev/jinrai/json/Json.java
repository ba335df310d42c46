package dev.jinrai.json;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Reads documents.
public final class Json {
    /// The largest file that is read, in bytes. Published tokenizers have up to 35 MB.
    public static final int LARGEST_FILE = 256 << 20;

    private Json() {}

    /// {@return the document in a text}
    ///
    /// @throws JsonException if it is none; the message says line and column
    public static JsonNode parse(String text) {
        return JsonNode.root(new JsonReader(text).document());
    }

    /// {@return the document in bytes of UTF-8, which is small although they may be many}
    ///
    /// @param most values in it, arrays and objects included: what it may take of the memory
    /// @throws JsonException if it is none; the message says line and column
    public static JsonNode parse(byte[] bytes, int most) {
        return JsonNode.root(new JsonReader(decode(bytes), most).document());
    }

    /// {@return the document in a file of UTF-8}
    ///
    /// @throws JsonException if it cannot be read or is none; the message begins with the file's name
    public static JsonNode read(Path file) {
        try {
            return parse(decode(bytes(file)));
        } catch (JsonException e) {
            throw new JsonException("%s: %s".formatted(file, e.getMessage()));
        }
    }

    /// The same, read as Python's `json` does: numbers may be `NaN`, `Infinity` and `-Infinity`, and of a key that stands
    /// several times the last counts.
    ///
    /// @throws JsonException if it cannot be read or is none; the message begins with the file's name
    public static JsonNode readAsPython(Path file) {
        try {
            return JsonNode.root(new JsonReader(decode(bytes(file)), true).document());
        } catch (JsonException e) {
            throw new JsonException("%s: %s".formatted(file, e.getMessage()));
        }
    }

    private static byte[] bytes(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
            if (bytes.length > LARGEST_FILE) {
                throw new JsonException(
                        "has more than the %d MiB that are read".formatted(LARGEST_FILE >> 20));
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new JsonException("no such file");
        } catch (IOException e) {
            throw new JsonException("cannot be read: " + e.getMessage());
        }
    }

    private static String decode(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder(); // reports what is wrong
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(in, out, true);
        if (result.isError()) {
            throw new JsonException("byte %d is not UTF-8".formatted(in.position()));
        }
        return out.flip().toString();
    }
}
