package dev.jinrai.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Which tokens may follow.
class MasksTest {
    /// In a word: what may follow, found for all tokens together, is what may follow token by token; whatever is chosen, the text ends
    /// in time and is one of the grammar.
    @Test
    void masksEqualTheirDefinitionAndEveryTextEndsInTime() {
        long seed = 21;
        var random = new Random(seed);
        var grammars = new RandomGrammars(random);
        int texts = 0;
        int tooShort = 0;
        for (int n = 0; n < 400; n++) {
            Map<String, Expr> rules = grammars.rules();
            Grammar grammar;
            try {
                grammar = Grammar.of(rules, "root");
            } catch (RuleException e) {
                continue;
            }
            Tokenizer tokenizer = TestVocabulary.of(true, pieces(grammars, random));
            Constraint constraint = Constraint.of(grammar, tokenizer);
            for (int limit :
                    new int[] {
                        1 + random.nextInt(3), 4 + random.nextInt(8), n % 8 == 0 ? 200 : 30
                    }) {
                String what = "seed %d, limit %d of%n%s".formatted(seed, limit, grammar);
                try (Guide guide = constraint.guide(limit)) {
                    var definition = new MaskDefinition(grammar, constraint.lexicon(), limit);
                    String text = answer(guide, definition, tokenizer, limit, random, what);
                    assertThat(new Recogniser(rules).accepts(text)).as("%s", what).isTrue();
                    texts++;
                } catch (GrammarException e) {
                    assertThat(e).as(what).hasMessageContaining("the shortest text");
                    assertThat(limit).isLessThan(200);
                    tooShort++;
                }
            }
        }
        assertThat(texts).isGreaterThan(200);
        assertThat(tooShort).isGreaterThan(5);
    }

    /// Texts of up to 40 characters: some tokens are longer than what masks are shared for.
    private static List<String> pieces(RandomGrammars grammars, Random random) {
        List<String> pieces = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            String piece = grammars.text(1 + random.nextInt(random.nextInt(6) == 0 ? 40 : 4));
            pieces.add(random.nextInt(10) == 0 ? piece.repeat(5) : piece);
        }
        pieces.addAll(List.of("a".repeat(17), "a".repeat(30), "ab".repeat(9)));
        return pieces.stream().distinct().toList();
    }

    private static String answer(
            Guide guide,
            MaskDefinition definition,
            Tokenizer tokenizer,
            int limit,
            Random random,
            String what) {
        var bytes = new ByteArrayOutputStream();
        int tokens = 0;
        while (!guide.isFinished()) {
            TokenSet fast = guide.permitted();
            List<Integer> permitted = Arrays.stream(fast.ids()).boxed().toList();
            assertThat(permitted).as(what).containsExactlyElementsOf(definition.permitted());
            assertThat(permitted).as(what).allMatch(guide::permits);
            assertThat(permitted.contains(TestVocabulary.END)).isEqualTo(guide.isComplete());
            if (tokens == limit) {
                assertThat(guide.isComplete()).as(what).isTrue();
                break;
            }
            assertThat(permitted).as(what).isNotEmpty();
            int id = permitted.get(random.nextInt(permitted.size()));
            guide.accept(id);
            if (id == TestVocabulary.END) {
                break;
            }
            definition.accept(id);
            bytes.writeBytes(tokenizer.piece(id, false));
            tokens++;
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aTokenMayEndInsideACharacter() {
        Tokenizer tokenizer = TestVocabulary.of(true, List.of("日"));
        try (Guide guide = Constraint.of(Grammar.parse("root ::= [日-末]"), tokenizer).guide(3)) {
            assertThat(guide.permits(byteId(0xE6))).isTrue();
            assertThat(guide.permits(byteId(0xE5))).isFalse();
            guide.accept(byteId(0xE6));
            guide.accept(byteId(0x97));
            assertThat(guide.permits(byteId(0xA4))).as("a character before 日").isFalse();
            guide.accept(byteId(0xA5));
            assertThat(guide.isFinished()).isTrue();
        }
    }

    private static int byteId(int b) {
        return 4 + b;
    }

    @Test
    void endsMayFollowWhereTheTextIsComplete() {
        Tokenizer tokenizer = TestVocabulary.of(true, List.of("ab"));
        try (Guide guide = Constraint.of(Grammar.parse("root ::= \"ab\"+"), tokenizer).guide(9)) {
            assertThat(guide.permitted().has(TestVocabulary.END)).isFalse();
            guide.accept(260);
            assertThat(guide.permitted().has(TestVocabulary.END)).isTrue();
            assertThat(guide.isComplete()).isTrue();
            assertThat(guide.isFinished()).isFalse();
            guide.accept(TestVocabulary.END);
            assertThat(guide.isFinished()).isTrue();
            assertThat(guide.permitted().isEmpty()).isTrue();
            assertThatThrownBy(() -> guide.accept(260))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("token 260 may not follow in this grammar");
        }
    }

    @Test
    void controlTokensMayFollowOnlyWhereTheyAreNamed() {
        Tokenizer tokenizer = TestVocabulary.of(true, List.of("x", "<tool>x"));
        try (Guide any = Constraint.of(Grammar.parse("root ::= .*"), tokenizer).guide(20)) {
            assertThat(any.permits(TestVocabulary.TOOL)).isFalse();
            assertThat(any.permitted().has(TestVocabulary.TOOL)).isFalse();
        }
        for (String name : List.of("<tool>", "<[3]>")) {
            Grammar grammar =
                    Grammar.parse("root ::= %s !%s \"x\" | \"<tool>x\"".formatted(name, name));
            try (Guide guide = Constraint.of(grammar, tokenizer).guide(20)) {
                assertThat(guide.permits(TestVocabulary.TOOL)).isTrue();
                assertThat(guide.permitted().has(TestVocabulary.TOOL)).isTrue();
                guide.accept(TestVocabulary.TOOL);
                assertThat(guide.permitted().has(TestVocabulary.TOOL)).isFalse();
                assertThat(guide.permitted().has(TestVocabulary.END)).isFalse();
                assertThat(guide.permitted().has(261)).isTrue();
                guide.accept(261);
                assertThat(guide.permitted().size()).as("the byte, and the token").isEqualTo(2);
            }
        }
        assertThatThrownBy(() -> Constraint.of(Grammar.parse("root ::= <[999]>"), tokenizer))
                .hasMessage("the grammar names token <[999]>, and the vocabulary has 262 tokens");
        assertThatThrownBy(() -> Constraint.of(Grammar.parse("root ::= <no>"), tokenizer))
                .hasMessageContaining("the grammar names token <no>, which is");
        assertThatThrownBy(() -> Constraint.of(Grammar.parse("root ::= </s>"), tokenizer))
                .hasMessage("the grammar names token </s>, which ends an answer");
    }

    @Test
    void aTextIsCompletedInTheTokensThatAreLeft() {
        Tokenizer tokenizer = TestVocabulary.of(true, List.of("abc", "abcdef", "gh", "xxxxxxxx"));
        Constraint constraint =
                Constraint.of(Grammar.parse("root ::= \"x\"* \"abcdefgh\""), tokenizer);
        try (Guide guide = constraint.guide(2)) { // by bytes it takes eight
            assertThat(guide.permitted().size()).isEqualTo(1);
            assertThat(guide.permits(261)).isTrue();
            guide.accept(261);
            guide.accept(262);
            assertThat(guide.isFinished()).isTrue();
        }
        try (Guide guide = constraint.guide(3)) {
            assertThat(guide.permits(263)).isTrue();
            guide.accept(263);
            assertThat(guide.permits(263)).isFalse();
        }
        assertThatThrownBy(() -> constraint.guide(1))
                .isInstanceOf(GrammarException.class)
                .hasMessage(
                        "the shortest text that the grammar allows takes 2 tokens, and the answer"
                                + " has room for 1: raise the limit of tokens, or the context");
    }

    /// Not only the first of them: many tokens lead to few states, and a state is spelled once.
    @Test
    void nearTheLimitAllTokensThatLeadToTheSameStateMayFollow() {
        List<String> pairs =
                IntStream.range(0, 676)
                        .mapToObj(i -> "" + (char) ('a' + i / 26) + (char) ('a' + i % 26))
                        .toList();
        List<String> pieces = new ArrayList<>(pairs);
        pieces.add("xxxxxxxxxx");
        Grammar grammar = Grammar.parse("root ::= [a-z]{2} \"x\"{100}");
        try (Guide guide = Constraint.of(grammar, TestVocabulary.of(true, pieces)).guide(15)) {
            TokenSet permitted = guide.permitted();
            assertThat(IntStream.range(260, 260 + pairs.size())).allMatch(permitted::has);
        }
    }

    /// By its name it comes to the shorter text, which takes more tokens; what it prints leads to one that fits.
    @Test
    void aTokenThatIsNamedAndPrintsFollowsTheWayThatFits() {
        Tokenizer tokenizer = TestVocabulary.of(true, List.of("tok", "bbbbbb", "ccc"));
        Grammar grammar =
                Grammar.parse("root ::= <[260]> \"a\"{10} | \"tok\" \"b\"{12} | \"c\"{9}");
        try (Guide guide = Constraint.of(grammar, tokenizer).guide(5)) {
            assertThat(guide.permitted().has(260)).isTrue();
            guide.accept(260);
            guide.accept(261);
            guide.accept(261);
            assertThat(guide.isFinished()).isTrue();
        }
    }

    @Test
    void aTextThatIsFarTooLongIsRefusedAtOnce() {
        Tokenizer tokenizer = TestVocabulary.of(true, List.of("aaaaaaaa"));
        Constraint huge =
                Constraint.of(Grammar.parse("root ::= (\"a\"{999999}){999999}"), tokenizer);
        assertThatThrownBy(() -> huge.guide(1_000_000_000))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining(
                        "has 999998000001 bytes, and the answer has room for 1000000000 tokens");
        Constraint large = Constraint.of(Grammar.parse("root ::= \"a\"{4000,}"), tokenizer);
        try (Guide guide = large.guide(500)) {
            for (int i = 0; i < 500; i++) {
                assertThat(guide.permitted().size()).isEqualTo(1);
                guide.accept(260);
            }
            assertThat(guide.isComplete()).isTrue();
        }
    }

    @Test
    void whatTheVocabularyCannotSpellIsAnError() {
        Tokenizer few = TestVocabulary.of(false, List.of("a", "b", "ab", "▁"));
        assertThatThrownBy(() -> Constraint.of(Grammar.parse("root ::= \"a\" \"c\""), few))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining("the vocabulary cannot spell any text of the grammar");
        try (Guide guide =
                Constraint.of(Grammar.parse("root ::= \"a\" (\"c\" | \"b\" | \"bc\")"), few)
                        .guide(5)) {
            guide.accept(4);
            assertThat(guide.permitted().size()).as("only b can be spelled").isEqualTo(1);
        }
    }

    @Test
    void aTextDoesNotNestWithoutEnd() {
        Tokenizer tokenizer = TestVocabulary.of(true, List.of("((((", "))))"));
        try (Guide guide =
                Constraint.of(Grammar.parse("root ::= \"(\" root \")\" | \"x\""), tokenizer)
                        .guide(5_000)) {
            int opened = 0;
            while (guide.permitted().has(byteId('('))) {
                guide.accept(byteId('('));
                opened++;
            }
            assertThat(opened).isEqualTo(Masks.MOST_DEPTH - 1);
            guide.accept(byteId('x'));
            for (int i = 0; i < opened; i++) {
                guide.accept(byteId(')'));
            }
            assertThat(guide.isFinished()).isTrue();
        }
    }

    @Test
    void aNewAnswerStartsWhereTheGrammarDoes() {
        Tokenizer tokenizer = TestVocabulary.of(true, List.of());
        Constraint constraint =
                Constraint.of(Grammar.parse("root ::= [a-z]{1,20} \".\""), tokenizer);
        for (int answer = 0; answer < 3; answer++) {
            try (Guide guide = constraint.guide(5)) {
                for (char c : "abcd.".toCharArray()) {
                    assertThat(guide.permitted().has(byteId(c))).isTrue();
                    guide.accept(byteId(c));
                }
                assertThat(guide.isFinished()).isTrue();
            }
        }
    }
}
