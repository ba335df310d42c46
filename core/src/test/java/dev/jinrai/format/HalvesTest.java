package dev.jinrai.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// F16 and BF16: the domain is small, so every number of the format and every point halfway between
/// two of them is tried.
class HalvesTest {

    /// @param infinity its bits
    record Halves(EncodableFormat format, int infinity) {}

    static List<Halves> halves() {
        return List.of(new Halves(new F16(), 0x7C00), new Halves(new BF16(), 0x7F80));
    }

    @ParameterizedTest
    @MethodSource("halves")
    void everyNumberComesBack(Halves halves) {
        for (int sign : new int[] {0, 0x8000}) {
            for (int bits = 0; bits <= halves.infinity(); bits++) {
                float number = decode(halves.format(), sign | bits);
                assertThat(encode(halves.format(), number)).isEqualTo(sign | bits);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("halves")
    void whatLiesBetweenTwoNumbersGoesToTheNearerAndFromTheMiddleToTheEven(Halves halves) {
        EncodableFormat format = halves.format();
        for (int bits = 0; bits < halves.infinity(); bits++) {
            float below = decode(format, bits);
            // Beyond the largest number the middle is where the next one would be.
            double step = (double) below - decode(format, Math.max(bits - 1, 0));
            double above = bits + 1 < halves.infinity() ? decode(format, bits + 1) : below + step;
            float middle = (float) ((below + above) / 2); // exact: one bit more than the format
            for (int sign : new int[] {1, -1}) {
                int negative = sign < 0 ? 0x8000 : 0;
                assertThat(encode(format, sign * middle)).isEqualTo(negative | bits + (bits & 1));
                assertThat(encode(format, sign * Math.nextDown(middle))).isEqualTo(negative | bits);
                assertThat(encode(format, sign * Math.nextUp(middle)))
                        .isEqualTo(negative | bits + 1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("halves")
    void theLargestFloatsAreInfinite(Halves halves) {
        assertThat(encode(halves.format(), Float.MAX_VALUE)).isEqualTo(halves.infinity());
        assertThat(encode(halves.format(), -Float.MAX_VALUE)).isEqualTo(0x8000 | halves.infinity());
    }

    /// ggml drops the payload of a NaN that becomes an F16, and keeps what fits of one that becomes a
    /// BF16.
    @ParameterizedTest
    @MethodSource("halves")
    void aNanStaysAQuietNan(Halves halves) {
        boolean f16 = halves.format() instanceof F16;
        int[][] cases = { // f32, F16, BF16
            {0x7FC0_0000, 0x7E00, 0x7FC0},
            {0xFFC0_0000, 0xFE00, 0xFFC0},
            {0x7F80_0001, 0x7E00, 0x7FC0}, // signalling, payload in the lower half only
            {0xFFAA_BBCC, 0xFE00, 0xFFEA},
            {0x7FFF_FFFF, 0x7E00, 0x7FFF},
        };
        for (int[] bits : cases) {
            assertThat(encode(halves.format(), Float.intBitsToFloat(bits[0])))
                    .as("%x", bits[0])
                    .isEqualTo(f16 ? bits[1] : bits[2]);
        }
    }

    private static float decode(Format format, int bits) {
        float[] number = new float[1];
        format.decodeBlock(
                MemorySegment.ofArray(new byte[] {(byte) bits, (byte) (bits >>> 8)}), 0, number, 0);
        return number[0];
    }

    private static int encode(EncodableFormat format, float number) {
        MemorySegment block = MemorySegment.ofArray(new byte[2]);
        format.encodeBlock(new float[] {number}, 0, block, 0);
        int low = block.get(ValueLayout.JAVA_BYTE, 0) & 0xFF;
        return low | (block.get(ValueLayout.JAVA_BYTE, 1) & 0xFF) << 8;
    }
}
