package dev.jinrai.tokenizer.pipeline;

/// A file's pattern takes too much time or memory for a text, or a file's normalizers make too much of it.
public final class PatternException extends RuntimeException {
    private static final long serialVersionUID = 1;

    PatternException(String message) {
        super(message);
    }

    PatternException(String source, String needs, int length) {
        super(
                "pattern %s needs too much %s for this text of %d characters"
                        .formatted(Unsupported.quote(source), needs, length));
    }
}
