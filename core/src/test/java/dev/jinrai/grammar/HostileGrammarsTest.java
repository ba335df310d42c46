package dev.jinrai.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
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
    void whatNoAnswerComesToTheEndOfIsRefused() {
        assertThatThrownBy(
                        () -> Grammar.parse("root ::= ((\"a\"{999999999}){999999999}){999999999}"))
                .hasMessageContaining("its shortest text is longer than 10^15 bytes");
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

    /// Each rule is called from two places or more: what is below a rule is one, however many ways lead to it.
    @Test
    void callsFromManyPlacesDoNotMultiply() {
        var precedence = new Texts(Grammar.parse(precedence(40)));
        assertThat(precedence.accepts("((((1x2)x3x(4)))x6)")).isTrue();
        assertThat(precedence.accepts("((((1x2)x3x(4))x6)")).isFalse();
        String chain =
                IntStream.range(0, 1_900)
                        .mapToObj(i -> "r%1$d ::= r%2$d \"x\" | r%2$d \"z\"".formatted(i, i + 1))
                        .collect(Collectors.joining("\n"));
        var texts = new Texts(Grammar.parse("root ::= r0\n" + chain + "\nr1900 ::= \"y\""));
        assertThat(texts.accepts("y" + "xz".repeat(950))).isTrue();
        assertThat(texts.accepts("y" + "xz".repeat(949))).isFalse();
        String empty =
                IntStream.range(0, 60)
                        .mapToObj(i -> "r%1$d ::= r%2$d? r%2$d? \"x\"?".formatted(i, i + 1))
                        .collect(Collectors.joining("\n"));
        var none = new Texts(Grammar.parse("root ::= r0 \"!\"\n" + empty + "\nr60 ::= \"y\""));
        assertThat(none.accepts("!")).isTrue();
        assertThat(none.accepts("yyx!")).isTrue();
        assertThat(none.accepts("z!")).isFalse();
    }

    private static String precedence(int levels) {
        return IntStream.range(0, levels)
                .mapToObj(i -> "e%1$d ::= e%2$d \"x\" e%1$d | e%2$d".formatted(i, i + 1))
                .collect(
                        Collectors.joining(
                                "\n",
                                "root ::= e0\n",
                                "\ne%d ::= [0-9]+ | \"(\" e0 \")\"".formatted(levels)));
    }

    @Test
    void countsOfWhatContainsItselfDoNotMultiply() {
        var texts = new Texts(Grammar.parse("root ::= q\nq ::= (\"b\" q | \"b\"){2,40}"));
        assertThat(texts.accepts("b".repeat(30))).isTrue();
        assertThat(texts.accepts("b")).isFalse();
    }

    /// What is below many places is merged over and over: that is counted too.
    @Test
    void ambiguityThatMergesWithoutEndIsAnError() {
        List<String> pieces = IntStream.range(2, 40).mapToObj("abcdxyz"::repeat).toList();
        Constraint constraint =
                Constraint.of(
                        Grammar.parse("root ::= s\ns ::= (. s*){1,9} | (. s? .){2,30}"),
                        TestVocabulary.of(true, pieces));
        try (Guide guide = constraint.guide(700)) {
            assertThatThrownBy(guide::permitted)
                    .isInstanceOf(GrammarException.class)
                    .hasMessage(
                            "the grammar is too large or too ambiguous: more than 20000000 steps to"
                                    + " see which tokens may follow");
        }
    }

    /// Near the limit each token needs a spelling of what is left. Where that is too much, the mask has only what does without.
    @Test
    void spellingNearTheLimitIsBounded() {
        List<String> pieces =
                IntStream.range(2, 500).mapToObj(i -> spelled(Integer.toBinaryString(i))).toList();
        Grammar grammar = Grammar.parse("root ::= q\nq ::= (\"b\" q | \"a\"){19,38}");
        Constraint constraint = Constraint.of(grammar, TestVocabulary.of(true, pieces));
        var definition = new MaskDefinition(grammar, constraint.lexicon(), 30);
        try (Guide guide = constraint.guide(30)) {
            for (int i = 0; i < 4; i++) {
                int[] permitted = guide.permitted().ids();
                assertThat(Arrays.stream(permitted).boxed())
                        .containsExactlyElementsOf(definition.permitted());
                int id = permitted[permitted.length - 1]; // longer texts first
                guide.accept(id);
                definition.accept(id);
            }
            assertThat(guide.permitted().isEmpty()).isFalse();
        }
        assertThat(definition.tooMuchWork).isPositive();
    }

    private static String spelled(String binary) {
        return binary.replace('0', 'a').replace('1', 'b');
    }

    @Test
    void tokensThatAreNotThereAreErrors() {
        Tokenizer none = TestVocabulary.of(false, List.of("ab"));
        assertThatThrownBy(() -> Constraint.of(Grammar.parse("root ::= !<[4]>"), none))
                .hasMessageContaining("the vocabulary cannot spell any text of the grammar");
        Tokenizer bytes = TestVocabulary.of(true, List.of());
        try (Guide guide = Constraint.of(Grammar.parse("root ::= \"a\""), bytes).guide(5)) {
            assertThatThrownBy(() -> guide.permits(-1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("there is no token -1 in a vocabulary of 260");
            assertThatThrownBy(() -> guide.accept(99_999))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> guide.permitted().has(260))
                    .isInstanceOf(IllegalArgumentException.class);
        }
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
