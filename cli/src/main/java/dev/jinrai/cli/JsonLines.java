package dev.jinrai.cli;

import dev.jinrai.tokenizer.TokenizerException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A JSON object a line in, a JSON object a line out: many questions, one process.
///
/// Every line gets its line. One that cannot be answered gets `{"error": …}`; that is an answer, so
/// it changes neither the lines after it nor the exit code. An answer does not wait for the next
/// question.
final class JsonLines {
    private JsonLines() {}

    static void answer(Io io, Function<Question, Map<String, @Nullable Object>> answer) {
        InputStream in = new BufferedInputStream(io.in(), 1 << 16);
        try {
            for (byte[] line = next(in); line.length > 0; line = next(in)) {
                io.out().println(Json.write(answer(line, answer)));
                if (in.available() == 0) {
                    io.out().flush();
                }
            }
        } catch (IOException e) {
            throw new CommandException("standard input: cannot be read: " + IoProblem.of(e));
        }
    }

    private static Map<String, @Nullable Object> answer(
            byte[] line, Function<Question, Map<String, @Nullable Object>> answer) {
        try {
            return answer.apply(new Question(Json.readObject(TextInput.decode("the line", line))));
        } catch (CommandException | TokenizerException e) {
            return Json.object("error", e.getMessage());
        }
    }

    /// {@return the next line with its end, empty after the last}
    private static byte[] next(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
            line.write(b);
            if (b == '\n') {
                break;
            }
        }
        return line.toByteArray();
    }

    /// One line's object. What a key lacks or has too much is a [CommandException].
    record Question(JsonNode object) {
        boolean has(String key) {
            return object.has(key);
        }

        String text(String key) {
            JsonNode value = object.get(key);
            if (value == null || !value.isString()) {
                throw wanted(key, "a string", value);
            }
            return value.asString();
        }

        boolean flag(String key, boolean absent) {
            JsonNode value = object.get(key);
            if (value == null) {
                return absent;
            }
            if (!value.isBoolean()) {
                throw wanted(key, "true or false", value);
            }
            return value.asBoolean();
        }

        int[] ids(String key) {
            JsonNode value = object.get(key);
            if (value == null || !value.isArray()) {
                throw wanted(key, "an array of token ids", value);
            }
            int[] ids = new int[value.size()];
            for (int i = 0; i < ids.length; i++) {
                JsonNode id = value.get(i);
                if (!id.isIntegralNumber() || !id.canConvertToInt()) {
                    throw wanted(key, "an array of token ids", id);
                }
                ids[i] = id.asInt();
            }
            return ids;
        }

        private static CommandException wanted(String key, String wanted, @Nullable JsonNode got) {
            return new CommandException(
                    "key '%s': wanted %s, got %s"
                            .formatted(
                                    key,
                                    wanted,
                                    got == null ? "none" : Printable.line(got.toString(), 60)));
        }
    }
}
