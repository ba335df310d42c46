package dev.jinrai.tokenizer.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class Utf8DecoderTest {

    /// The Unicode Standard 16.0, section 3.9, tables 3-8 to 3-11, and a few more.
    @ParameterizedTest
    @CsvSource({
        "C0AFE080BFF0818241, ????????A",
        "EDA080EDBFBFEDAF41, ????????A",
        "F4919293FF4180BF42, ?????A??B",
        "E180E2F09192F1BF41, ????A",
        "61F18080E180C262806380BF64, a???b?c??d",
        "EFBFBD, ?",
        "F09F9880, 😀",
        "F09F98, ?",
        "E2, ?",
        "FF, ?",
        "F8888080, ????"
    })
    void eachMaximalSubpartIsOneReplacement(String hex, String text) {
        assertThat(decode(HexFormat.of().parseHex(hex))).isEqualTo(text.replace('?', '\uFFFD'));
    }

    @Test
    void everyCodePointComesBack() {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c >= 0xD800 && c <= 0xDFFF) {
                continue;
            }
            String text = Character.toString(c);
            assertThat(decode(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
        }
    }

    /// By the definition: a character where one stands; else the longest start of one, at least a
    /// byte.
    private static String decodeByDefinition(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < bytes.length; ) {
            int taken = 0;
            for (int n = 1; n <= 4 && i + n <= bytes.length && taken == 0; n++) {
                if (isUtf8(Arrays.copyOfRange(bytes, i, i + n))) {
                    text.append(new String(bytes, i, n, StandardCharsets.UTF_8));
                    taken = n;
                }
            }
            if (taken == 0) {
                text.append('\uFFFD');
                taken = 1;
                while (i + taken < bytes.length && beginsCharacter(bytes, i, taken + 1)) {
                    taken++;
                }
            }
            i += taken;
        }
        return text.toString();
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /// Whether some character's UTF-8 begins with these bytes: tried with the lowest and the
    /// highest bytes that can follow the first and the second.
    private static boolean beginsCharacter(byte[] bytes, int from, int length) {
        byte[] start = Arrays.copyOfRange(bytes, from, from + length);
        for (int total = length + 1; total <= 4; total++) {
            for (int next : new int[] {0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF}) {
                byte[] whole = Arrays.copyOf(start, total);
                Arrays.fill(whole, length, total, (byte) 0x80);
                whole[length] = (byte) next;
                if (isUtf8(whole)) {
                    return true;
                }
            }
        }
        return false;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void randomBytesDecodeByTheDefinitionWhereverTheyAreCut(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] likely = {
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0,
            0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF
        };
        for (int round = 0; round < 1000; round++) {
            byte[] bytes = new byte[random.nextInt(12)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) likely[random.nextInt(likely.length)];
            }
            String expected = decodeByDefinition(bytes);
            String hex = HexFormat.of().formatHex(bytes);
            assertThat(decode(bytes)).as("seed %d bytes %s", seed, hex).isEqualTo(expected);
            int cut = random.nextInt(bytes.length + 1);
            assertThat(
                            decode(
                                    Arrays.copyOf(bytes, cut),
                                    Arrays.copyOfRange(bytes, cut, bytes.length)))
                    .as("seed %d bytes %s cut at %d", seed, hex, cut)
                    .isEqualTo(expected);
        }
    }

    private static String decode(byte[]... parts) {
        Utf8Decoder utf8 = new Utf8Decoder();
        StringBuilder text = new StringBuilder();
        for (byte[] part : parts) {
            utf8.append(part, text);
        }
        utf8.flush(text);
        return text.toString();
    }
}
