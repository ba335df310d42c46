package dev.jinrai.cli;

/// A command cannot do what it was asked; the message is one line that says why. Exit code 1.
final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CommandException(String message) {
        super(message);
    }
}
