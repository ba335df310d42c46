package dev.jinrai.tokenizer.pipeline;

/// A file's pattern takes too much time or memory for a text.
public final class PatternException extends RuntimeException {
    private static final long serialVersionUID = 1;

    PatternException(String source, String needs, int length) {
        super(
                "pattern %s needs too much %s for this text of %d characters"
                        .formatted(Unsupported.quote(source), needs, length));
    }
}
