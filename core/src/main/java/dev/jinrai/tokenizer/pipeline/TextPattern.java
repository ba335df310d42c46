package dev.jinrai.tokenizer.pipeline;

import dev.jinrai.json.JsonNode;
import java.util.function.IntPredicate;
import java.util.regex.PatternSyntaxException;

/// What a component looks for in a text: `{"String": …}`, `{"Regex": …}`, or a class of
/// characters. Immutable.
sealed interface TextPattern {

    /// Cuts a text, which is not empty, into matches and what lies between them.
    void find(String text, Spans spans);

    static TextPattern of(JsonNode node) {
        var regex = node.find("Regex");
        if (regex.isPresent()) {
            return regex(regex.get());
        }
        String literal = node.get("String").text();
        return literal.isEmpty() ? regex("") : new Literal(literal);
    }

    private static TextPattern regex(JsonNode node) {
        try {
            return regex(node.text());
        } catch (IllegalArgumentException e) { // also what Pattern throws
            String why =
                    e instanceof PatternSyntaxException p ? p.getDescription() : e.getMessage();
            throw node.wrong(
                    "pattern %s is not supported: %s"
                            .formatted(Unsupported.quote(node.text()), why));
        }
    }

    /// A regular expression, as [Oniguruma] reads it.
    ///
    /// @throws IllegalArgumentException if the pattern is wrong, or has what is not known
    static TextPattern regex(String source) {
        return new Regex(source, new PatternProgram(Oniguruma.parse(source)));
    }

    /// A text, as it is.
    record Literal(String literal) implements TextPattern {
        @Override
        public void find(String text, Spans spans) {
            int end = 0;
            for (int at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, end)) {
                if (at > end) {
                    spans.add(end, at, false);
                }
                end = at + literal.length();
                spans.add(at, end, true);
            }
            if (end < text.length()) {
                spans.add(end, text.length(), false);
            }
        }
    }

    /// Every character of a class.
    record Characters(IntPredicate wanted) implements TextPattern {
        @Override
        public void find(String text, Spans spans) {
            int end = 0;
            int next;
            for (int at = 0; at < text.length(); at = next) {
                int c = text.codePointAt(at);
                next = at + Character.charCount(c);
                if (wanted.test(c)) {
                    if (at > end) {
                        spans.add(end, at, false);
                    }
                    spans.add(at, next, true);
                    end = next;
                }
            }
            if (end < text.length()) {
                spans.add(end, text.length(), false);
            }
        }
    }

    /// A regular expression. Of empty matches, one behind another match is none.
    record Regex(String source, PatternProgram program) implements TextPattern {
        @Override
        public void find(String text, Spans spans) {
            if (!program.mayBeIn(text)) {
                spans.add(0, text.length(), false);
                return;
            }
            PatternMatcher matcher = new PatternMatcher(source, program, text);
            int end = 0;
            for (int from = 0; from <= text.length(); ) {
                int start = matcher.find(from);
                if (start < 0) {
                    break;
                }
                if (matcher.end() == start && start == end && spans.size() > 0) {
                    from += from < text.length() ? Character.charCount(text.codePointAt(from)) : 1;
                    continue;
                }
                if (start > end) {
                    spans.add(end, start, false);
                }
                end = matcher.end();
                spans.add(start, end, true);
                from = end;
            }
            if (end < text.length()) {
                spans.add(end, text.length(), false);
            }
        }
    }
}
