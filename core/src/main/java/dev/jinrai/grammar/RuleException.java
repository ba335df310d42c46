package dev.jinrai.grammar;

/// What is wrong with a rule, before it is known where it stands; becomes a [GrammarException].
final class RuleException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String rule;

    RuleException(String rule, String message) {
        super(message, null, false, false);
        this.rule = rule;
    }

    String rule() {
        return rule;
    }
}
