package dev.jinrai.grammar;

/// What is wrong with a rule, before it is known where it stands; becomes a [GrammarException].
final class RuleException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final String TOO_LONG = "its shortest text is longer than 10^15 bytes";
    private final String rule;
    private final boolean isTooLong;

    RuleException(String rule, String message) {
        this(rule, message, false);
    }

    private RuleException(String rule, String message, boolean isTooLong) {
        super(message, null, false, false);
        this.rule = rule;
        this.isTooLong = isTooLong;
    }

    /// The rule has an end, which no answer comes to.
    static RuleException tooLong(String rule) {
        return new RuleException(rule, "rule '%s': %s".formatted(rule, TOO_LONG), true);
    }

    /// {@return what is wrong with a schema of that name}
    String ofSchema() {
        return rule
                + ": "
                + (isTooLong
                        ? TOO_LONG
                        : "it refers to itself without end, which cannot be enforced");
    }

    String rule() {
        return rule;
    }
}
