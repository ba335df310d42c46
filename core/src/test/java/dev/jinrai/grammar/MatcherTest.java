package dev.jinrai.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The matcher beside recognisers that share nothing with it, on grammars at random.
class MatcherTest {
    private static final int TEXTS = 40;

    @Test
    void regularGrammarsAcceptWhatRegularExpressionsDo() {
        long seed = 11;
        var random = new Random(seed);
        var grammars = new RandomGrammars(random);
        int accepted = 0;
        for (int n = 0; n < 600; n++) {
            Expr expr = grammars.expr(3, 0);
            Pattern pattern = Pattern.compile(regex(expr), Pattern.DOTALL);
            var texts = new Texts(Grammar.of(Map.of("root", expr), "root"));
            for (int i = 0; i < TEXTS; i++) {
                String text = grammars.text(random.nextInt(8));
                boolean wanted = pattern.matcher(text).matches();
                accepted += wanted ? 1 : 0;
                assertThat(texts.accepts(text))
                        .as("seed %d, %s, '%s'", seed, pattern, text)
                        .isEqualTo(wanted);
            }
        }
        assertThat(accepted).isGreaterThan(500);
    }

    private static String regex(Expr expr) {
        return switch (expr) {
            case Expr.Text(String text) -> "(?:" + text + ")";
            case Expr.Chars(CharSet set) ->
                    set.complement().contains('z')
                            ? "[" + members(set) + "]"
                            : "[^" + members(set.complement()) + "]";
            case Expr.Sequence(List<Expr> parts) ->
                    parts.stream()
                            .map(MatcherTest::regex)
                            .collect(Collectors.joining("", "(?:", ")"));
            case Expr.Choice(List<Expr> options) ->
                    options.stream()
                            .map(MatcherTest::regex)
                            .collect(Collectors.joining("|", "(?:", ")"));
            case Expr.Repeat(Expr body, int min, int max) ->
                    "(?:%s){%d,%s}".formatted(regex(body), min, max == Expr.UNBOUNDED ? "" : max);
            case Expr.Rule _, Expr.Token _ -> throw new AssertionError("not regular");
        };
    }

    private static String members(CharSet set) {
        return RandomGrammars.ALPHABET
                .codePoints()
                .filter(set::contains)
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }

    @Test
    void grammarsAcceptWhatTheirDefinitionDoes() {
        long seed = 12;
        var random = new Random(seed);
        var grammars = new RandomGrammars(random);
        int accepted = 0;
        int fit = 0;
        for (int n = 0; n < 2_000; n++) {
            Map<String, Expr> rules = grammars.rules();
            Grammar grammar;
            try {
                grammar = Grammar.of(rules, "root");
            } catch (RuleException e) {
                continue; // left recursion, or no end
            }
            fit++;
            var texts = new Texts(grammar);
            var written = new Texts(Grammar.parse(grammar.toString()));
            var definition = new Recogniser(rules);
            for (int i = 0; i < TEXTS; i++) {
                String text = grammars.text(random.nextInt(7));
                boolean wanted = definition.accepts(text);
                accepted += wanted ? 1 : 0;
                assertThat(texts.accepts(text))
                        .as("seed %d, '%s' of%n%s", seed, text, grammar)
                        .isEqualTo(wanted);
                assertThat(written.accepts(text))
                        .as("%s as it is written", grammar)
                        .isEqualTo(wanted);
            }
        }
        assertThat(fit).isGreaterThan(500);
        assertThat(accepted).isGreaterThan(500);
    }
}
