package dev.jinrai.tokenizer;

import static dev.jinrai.tokenizer.SmallVocabulary.byteId;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DetokenizerTest {
    private static final int BOS = 1;
    private static final int EOS = 2;
    private static final SmallVocabulary SMALL =
            SmallVocabulary.withBytes().add("▁Hello", "▁", "▁▁", "é");
    private static final int HELLO = SMALL.id("▁Hello");
    private static final Tokenizer TOKENIZER = SMALL.tokenizer();

    @Test
    void aCharacterOfSeveralTokensComesWhenItIsWhole() {
        Detokenizer text = Detokenizer.continuing(TOKENIZER, false);
        assertThat(text.append(byteId(0xF0))).isEmpty();
        assertThat(text.append(byteId(0x9F))).isEmpty();
        assertThat(text.append(byteId(0x98))).isEmpty();
        assertThat(text.append(byteId(0x80))).isEqualTo("😀");
        assertThat(text.append(SMALL.id("é"))).isEqualTo("é");
        assertThat(text.flush()).isEmpty();
    }

    @Test
    void bytesThatBecomeNoCharacterAreReplacedAsSoonAsThatIsCertain() {
        Detokenizer text = Detokenizer.continuing(TOKENIZER, false);
        assertThat(text.append(byteId(0xE2))).isEmpty();
        assertThat(text.append(byteId('x'))).isEqualTo("\uFFFDx");
        assertThat(text.append(byteId(0xFF))).isEqualTo("\uFFFD");
        assertThat(text.append(byteId(0xC3))).isEmpty();
        assertThat(text.flush()).isEqualTo("\uFFFD");
        assertThat(text.flush()).isEmpty();
    }

    @Test
    void theSpaceInFrontIsTakenFromTheFirstTokenOnly() {
        Detokenizer text = Detokenizer.fromStart(TOKENIZER, false, false);
        assertThat(text.append(HELLO)).isEqualTo("Hello");
        assertThat(text.append(HELLO)).isEqualTo(" Hello");
        assertThat(TOKENIZER.decode(new int[] {SMALL.id("▁▁"), HELLO}, false, false))
                .isEqualTo("  Hello");
        assertThat(TOKENIZER.decode(new int[] {byteId('x'), HELLO}, false, false))
                .isEqualTo("x Hello");
    }

    @Test
    void afterAPromptEveryPieceIsPrintedAsItIs() {
        Detokenizer text = Detokenizer.continuing(TOKENIZER, false);
        assertThat(text.append(HELLO)).isEqualTo(" Hello");
        assertThat(text.append(EOS)).isEmpty();
        assertThat(Detokenizer.continuing(TOKENIZER, true).append(EOS)).isEqualTo("</s>");
    }

    @Test
    void aBosTokenInFrontUsesUpTheSpaceThatIsTaken() {
        // So does llama_detokenize, whether it removes the token or prints nothing for it.
        assertThat(TOKENIZER.decode(new int[] {BOS, HELLO}, true, false)).isEqualTo(" Hello");
        assertThat(TOKENIZER.decode(new int[] {BOS, HELLO}, false, false)).isEqualTo(" Hello");
        assertThat(TOKENIZER.decode(new int[] {BOS, HELLO}, false, true)).isEqualTo("<s> Hello");
        assertThat(TOKENIZER.decode(new int[] {BOS, HELLO}, true, true)).isEqualTo(" Hello");
    }

    @Test
    void anEosTokenIsRemovedAtTheEndOnly() {
        Tokenizer tokenizer = new SentencePiece(SMALL.builder().addEos(true).build());
        int[] ids = {EOS, HELLO, EOS, EOS};
        assertThat(tokenizer.decode(ids, true, true)).isEqualTo("</s> Hello</s>");
        assertThat(tokenizer.decode(ids, false, true)).isEqualTo("</s> Hello</s></s>");
        assertThat(TOKENIZER.decode(ids, true, true)).isEqualTo("</s> Hello</s></s>");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void whatIsStreamedIsWhatIsDecodedAndNeverEndsInsideACharacter(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 500; round++) {
            Tokenizer tokenizer =
                    new SentencePiece(
                            SMALL.builder()
                                    .addBos(random.nextBoolean())
                                    .addEos(random.nextBoolean())
                                    .addSpacePrefix(random.nextBoolean())
                                    .build());
            int size = tokenizer.vocabulary().size();
            int[] ids = new int[random.nextInt(10)];
            for (int i = 0; i < ids.length; i++) {
                ids[i] =
                        random.nextInt(3) == 0
                                ? random.nextInt(3)
                                : random.nextInt(2) == 0
                                        ? byteId(random.nextInt(0x80, 0x100))
                                        : random.nextInt(size);
            }
            boolean removeSpecial = random.nextBoolean();
            boolean unparseSpecial = random.nextBoolean();
            Detokenizer stream = Detokenizer.fromStart(tokenizer, removeSpecial, unparseSpecial);
            StringBuilder text = new StringBuilder();
            for (int id : ids) {
                String part = stream.append(id);
                assertThat(
                                part.isEmpty()
                                        || !Character.isHighSurrogate(
                                                part.charAt(part.length() - 1)))
                        .isTrue();
                text.append(part);
            }
            text.append(stream.flush());
            assertThat(text.toString())
                    .as("seed %d ids %s", seed, Arrays.toString(ids))
                    .isEqualTo(tokenizer.decode(ids, removeSpecial, unparseSpecial));
        }
    }
}
