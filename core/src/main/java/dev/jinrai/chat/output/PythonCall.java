package dev.jinrai.chat.output;

import dev.jinrai.json.JsonException;
import dev.jinrai.json.JsonText;
import java.util.Optional;

/// A call of one of Llama's built-in tools: `brave_search.call(query="weather in Paris")`.
///
/// Templates write values between quotes without escaping them, so a string ends at the quote that
/// `)` and the end, or `, name=`, follow.
///
/// @param arguments a JSON object
record PythonCall(String name, String arguments) {
    private static final String CALL = ".call(";

    /// {@return the call that is all of the text}
    static Optional<PythonCall> parse(String text) {
        int call = text.indexOf(CALL);
        if (call <= 0 || !isName(text.substring(0, call)) || !text.endsWith(")")) {
            return Optional.empty();
        }
        String inside = text.substring(call + CALL.length(), text.length() - 1);
        return new Arguments(inside)
                .json()
                .map(json -> new PythonCall(text.substring(0, call), json));
    }

    private static boolean isName(String text) {
        return !text.isEmpty()
                && text.chars().allMatch(c -> c == '_' || c == '.' || Character.isLetterOrDigit(c));
    }

    /// What is between the parentheses.
    private static final class Arguments {
        private final String text;
        private int at;

        Arguments(String text) {
            this.text = text;
        }

        Optional<String> json() {
            StringBuilder json = new StringBuilder("{");
            space();
            while (at < text.length()) {
                int equals = text.indexOf('=', at);
                if (equals < 0 || !isName(text.substring(at, equals).strip())) {
                    return Optional.empty();
                }
                String key = text.substring(at, equals).strip();
                at = equals + 1;
                space();
                Optional<String> value = value();
                if (value.isEmpty()) {
                    return Optional.empty();
                }
                json.append(json.length() > 1 ? ", " : "").append(JsonText.quote(key));
                json.append(": ").append(value.get());
            }
            return Optional.of(json.append('}').toString());
        }

        private void space() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }

        /// {@return the value as JSON}; what separates it from the next is passed
        private Optional<String> value() {
            boolean string =
                    at < text.length() && (text.charAt(at) == '"' || text.charAt(at) == '\'');
            int end = string ? closingQuote(text.charAt(at)) : literalEnd();
            if (end < 0) {
                return Optional.empty();
            }
            String value = text.substring(string ? at + 1 : at, end);
            at = string ? end + 1 : end;
            space();
            if (at < text.length()) {
                at++; // the comma
                space();
            }
            return string ? Optional.of(quoted(value)) : literal(value.strip());
        }

        private int closingQuote(char quote) {
            for (int i = at + 1; i < text.length(); i++) {
                if (text.charAt(i) == quote && separated(i + 1)) {
                    return i;
                }
            }
            return -1;
        }

        private int literalEnd() {
            int comma = text.indexOf(',', at);
            return comma < 0 ? text.length() : comma;
        }

        /// {@return whether the arguments end here, or the next one begins}
        private boolean separated(int from) {
            int i = from;
            while (i < text.length() && Character.isWhitespace(text.charAt(i))) {
                i++;
            }
            if (i == text.length()) {
                return true;
            }
            // A name is short; so is the look for it.
            int equals = text.substring(i, Math.min(text.length(), i + 100)).indexOf('=');
            return text.charAt(i) == ','
                    && equals > 0
                    && isName(text.substring(i + 1, i + equals).strip());
        }

        private static String quoted(String value) {
            try {
                return JsonText.read('"' + value + '"') instanceof String text
                        ? JsonText.quote(text)
                        : JsonText.quote(value);
            } catch (JsonException e) {
                return JsonText.quote(value);
            }
        }

        private static Optional<String> literal(String value) {
            return PythonLiteral.json(value);
        }
    }
}
