package dev.jinrai.json;

/// A text that is not JSON; the message says where and why.
public final class JsonException extends RuntimeException {
    private static final long serialVersionUID = 1;

    JsonException(String problem, int at) {
        super("%s at character %d".formatted(problem, at + 1));
    }
}
