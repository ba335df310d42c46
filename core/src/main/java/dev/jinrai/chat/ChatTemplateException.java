package dev.jinrai.chat;

/// A conversation that a template cannot render, or a template that cannot be had.
public final class ChatTemplateException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ChatTemplateException(String message) {
        super(message);
    }
}
