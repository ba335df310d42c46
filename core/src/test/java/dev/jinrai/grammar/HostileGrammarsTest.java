package dev.jinrai.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Grammars that would make a simple matcher hang or fill the memory.
@Timeout(20)
class HostileGrammarsTest {
    @Test
    void largeCountsCostNothing() {
        var texts =
                new Texts(
                        Grammar.parse(
                                "root ::= ((\"a\"{0,999999999}){0,999999999}){0,999999999} \"b\""));
        assertThat(texts.accepts("a".repeat(2_000) + "b")).isTrue();
        assertThat(
                        new Texts(Grammar.parse("root ::= (.{3,999999999} | [a-z]){5}"))
                                .accepts("abcde"))
                .isTrue();
        assertThat(new Texts(Grammar.parse("root ::= (\"a\"?){999999999} \"b\"")).accepts("aab"))
                .isTrue();
    }

    @Test
    void whatCanNeverBeSpelledHasNoEnd() {
        assertThatThrownBy(
                        () -> Grammar.parse("root ::= ((\"a\"{999999999}){999999999}){999999999}"))
                .hasMessageContaining("has no end");
    }

    @Test
    void ambiguityDoesNotGrow() {
        var doubled =
                new Texts(Grammar.parse("root ::= \"a\" root \"x\" | \"a\" root \"y\" | \"b\""));
        String deep = "a".repeat(300) + "b";
        assertThat(doubled.accepts(deep + "xy".repeat(150))).isTrue();
        assertThat(doubled.accepts(deep + "x".repeat(299))).isFalse();
        var counted =
                new Texts(Grammar.parse("root ::= (\"a\" | \"aa\" | \"aaa\"){100,100000} \"b\""));
        assertThat(counted.accepts("a".repeat(300) + "b")).isTrue();
        assertThat(counted.accepts("a".repeat(99) + "b")).isFalse();
        var exact = new Texts(Grammar.parse("root ::= (\"a\" | \"aa\"){200} \"b\""));
        assertThat(exact.accepts("a".repeat(399) + "b")).isTrue();
        assertThat(exact.accepts("a".repeat(401) + "b")).isFalse();
        var nested = new Texts(Grammar.parse("root ::= s\ns ::= \"a\" | \"(\" s s s? \")\""));
        assertThat(nested.accepts("(".repeat(200) + "a" + "a)".repeat(200))).isTrue();
    }

    @Test
    void depthIsLimited() {
        assertThatThrownBy(() ->
                        Grammar.parse(
                                "root ::= " + "(".repeat(5_000) + "\"a\"" + ")".repeat(5_000)))
                .hasMessage("line 1, column 211: more than 200 parentheses inside each other");
        assertThatThrownBy(() -> Grammar.parse("root ::= \"a\"" + "?".repeat(5_000)))
                .hasMessageContaining("more than 200 repetitions of each other");
        var open = new Texts(Grammar.parse("root ::= \"(\" root \")\" | \"x\""));
        assertThatThrownBy(() -> open.accepts("(".repeat(5_000) + "x" + ")".repeat(5_000)))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("more than 2000 rules inside each other");
    }

    @Test
    void manyRulesAndManyAlternativesTakeTheirTime() {
        String chain =
                IntStream.range(0, 20_000)
                        .mapToObj(i -> "r%d ::= \"a\" r%d | \"b\"".formatted(i, (i + 1) % 20_000))
                        .collect(Collectors.joining("\n"));
        assertThat(new Texts(Grammar.parse("root ::= r0\n" + chain)).accepts("aaaaab")).isTrue();
        String words =
                IntStream.range(0, 50_000)
                        .mapToObj(i -> "\"w%d\"".formatted(i))
                        .collect(Collectors.joining(" | "));
        var texts = new Texts(Grammar.parse("root ::= " + words));
        assertThat(texts.accepts("w49999")).isTrue();
        assertThat(texts.accepts("w50000")).isFalse();
    }

    @Test
    void sizeIsLimited() {
        assertThatThrownBy(() -> Grammar.parse("#".repeat(2_000_000)))
                .hasMessage("the grammar has 2000000 characters, more than 1048576");
    }
}
