package dev.jinrai.cli;

/// The command line is wrong; the message names the option and what it wants. Exit code 2.
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }
}
