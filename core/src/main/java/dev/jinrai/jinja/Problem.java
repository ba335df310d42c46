package dev.jinrai.jinja;

/// What went wrong, before it is known where; becomes a [TemplateException].
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1;

    Problem(String message) {
        super(message, null, false, false);
    }
}
