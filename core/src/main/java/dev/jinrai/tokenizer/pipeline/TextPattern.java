package dev.jinrai.tokenizer.pipeline;

import dev.jinrai.json.JsonNode;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
        return literal.isEmpty() ? new Regex("", Pattern.compile("")) : new Literal(literal);
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
        } catch (StackOverflowError e) {
            throw node.wrong("the pattern's groups lie too deep");
        }
    }

    /// A regular expression, as [Oniguruma] reads it.
    ///
    /// @throws IllegalArgumentException if the pattern is wrong, or has what the JDK lacks
    static TextPattern regex(String source) {
        return new Regex(source, Oniguruma.compile(source));
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
    record Regex(String source, Pattern pattern) implements TextPattern {
        @Override
        public void find(String text, Spans spans) {
            Matcher matcher = pattern.matcher(new Bounded(text));
            int end = 0;
            try {
                for (int from = 0; from <= text.length() && matcher.find(from); ) {
                    int start = matcher.start();
                    if (matcher.end() == start && start == end && spans.size() > 0) {
                        from +=
                                from < text.length()
                                        ? Character.charCount(text.codePointAt(from))
                                        : 1;
                        continue;
                    }
                    if (start > end) {
                        spans.add(end, start, false);
                    }
                    end = matcher.end();
                    spans.add(start, end, true);
                    from = end;
                }
            } catch (StackOverflowError e) {
                throw new PatternException(source, "memory", text.length());
            } catch (Bounded.Exhausted e) {
                throw new PatternException(source, "time", text.length());
            }
            if (end < text.length()) {
                spans.add(end, text.length(), false);
            }
        }
    }
}
