package dev.jinrai.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;

final class LaterCharactersTest {
    /// SHA-256 over a letter for each of the 1,112,064 characters, made of llama.cpp 0.7.0's own
    /// tables (`unicode_cpt_flags_from_cpt`): `W` white space, `L`, `N`, `M`, `P`, `S` by its
    /// category, `-` others. A JVM with a newer Unicode than 16 fails here: what is new to it
    /// belongs into [LaterCharacters].
    private static final String LLAMA_CPPS_CLASSES =
            "e4ca82837aac3ac2745b42bc917d5bb8bdde4712edb315ea43dfdf1aba7d7411";

    private static final int CHARACTERS = 1_112_064;
    private static final int SURROGATES = Character.MAX_SURROGATE - Character.MIN_SURROGATE + 1;
    private static final String ALL = all();

    @Test
    void aPatternsClassesAreThoseOfLlamaCpp() throws NoSuchAlgorithmException {
        byte[] classes = new byte[CHARACTERS];
        Arrays.fill(classes, (byte) '-');
        mark("\\s", 'W', classes);
        for (char category : "LNMPS".toCharArray()) {
            mark("\\p{" + category + "}", category, classes);
        }
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(classes);
        assertThat(HexFormat.of().formatHex(digest)).isEqualTo(LLAMA_CPPS_CLASSES);
    }

    /// A class without others, or cut with another, keeps its meaning.
    @Test
    void aPatternsClassesCombine() {
        byte[] negated = new byte[CHARACTERS];
        mark("\\s", 'x', negated);
        mark("\\p{L}", 'x', negated);
        mark("\\p{M}", 'x', negated);
        mark("[^\\s\\p{L}\\p{M}]", 'y', negated);
        assertThat(negated).doesNotContain((byte) 0);

        byte[] intersected = new byte[CHARACTERS];
        mark("[[\\p{L}\\p{M}]&&[^a-z]]", 'x', intersected);
        mark("[a-z]", 'x', intersected);
        mark("[^\\p{L}\\p{M}]", 'y', intersected);
        assertThat(intersected).doesNotContain((byte) 0);
    }

    /// So the usual patterns, which know them, never meet one.
    @Test
    void aTextThatHasOneIsKnown() {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            String text = "aé漢😀" + Character.toString(c) + "b";
            if (LaterCharacters.in(text) != LaterCharacters.has(c)) {
                throw new AssertionError("U+%04X".formatted(c));
            }
        }
    }

    /// Fails if a character has a mark already.
    private static void mark(String regex, char mark, byte[] marks) {
        Matcher matcher = Cut.Expression.of(regex).matcher(ALL, true);
        while (matcher.find()) {
            int c = ALL.codePointAt(matcher.start());
            int place = c < Character.MIN_SURROGATE ? c : c - SURROGATES;
            if (marks[place] != 0 && marks[place] != '-') {
                throw new AssertionError("U+%04X is also %c".formatted(c, mark));
            }
            marks[place] = (byte) mark;
        }
    }

    private static String all() {
        StringBuilder all = new StringBuilder();
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
                all.appendCodePoint(c);
            }
        }
        return all.toString();
    }
}
