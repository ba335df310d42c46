package dev.jinrai.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What is true of the encoders whatever their bits; the bits are proved by
/// `dev.jinrai.testing.VariantsTest`.
class EncodingTest {
    /// Half an ulp of an f16 beside its value: what storing a scale can cost.
    private static final double HALF_EPSILON = 0x1p-11;

    static List<EncodableFormat> all() {
        return Formats.ENCODABLE;
    }

    static List<EncodableFormat> coded() {
        return all().stream().filter(format -> format.blockLength() > 1).toList();
    }

    static List<EncodableFormat> scaledByAHalf() {
        return coded().stream().filter(format -> !(format instanceof MXFP4)).toList();
    }

    /// The mean squared error to expect of normal weights, beside their mean square: `step² / 12`, as
    /// of an error uniform over a step, where a step is the width of a run over its codes. The
    /// largest of 32 normal weights is 2.4 σ in the mean, of 16 it is 2.1 σ; 32 spread over 4.1 σ, 16
    /// over 3.5 σ.
    /// A search takes something off: measured 0.82 to 0.98 of this.
    static Stream<Arguments> noise() {
        return Stream.of(
                arguments(new Q8_0(), noise(2.4 / 127)),
                arguments(new Q4_0(), noise(2.4 / 8)),
                arguments(new Q4_1(), noise(4.1 / 15)),
                arguments(new Q5_0(), noise(2.4 / 16)),
                arguments(new Q5_1(), noise(4.1 / 31)),
                arguments(new Q2_K(), noise(3.5 / 3)),
                arguments(new Q3_K(), noise(2.1 / 4)),
                arguments(new Q4_K(), noise(4.1 / 15)),
                arguments(new Q5_K(), noise(4.1 / 31)),
                arguments(new Q6_K(), noise(2.1 / 32)));
    }

    @ParameterizedTest
    @MethodSource("noise")
    void normalWeightsLoseWhatRoundingCosts(EncodableFormat format, double expected) {
        long seed = System.nanoTime();
        float[] weights = normal(new Random(seed), 256 * 200);
        float[] back = decode(format, encode(format, weights), weights.length);
        double error = 0;
        double square = 0;
        for (int i = 0; i < weights.length; i++) {
            error += Math.pow(back[i] - (double) weights[i], 2);
            square += Math.pow(weights[i], 2);
        }
        assertThat(error / square / expected).as("%s, seed %d", format, seed).isBetween(0.75, 1.05);
    }

    private static double noise(double step) {
        return step * step / 12;
    }

    /// No other code of the block would come closer to any weight. Codes of blocks of 32 are chosen
    /// before the scale is rounded to f16, which moves the value of a code by [#HALF_EPSILON], and
    /// where there is a minimum, that moves as well.
    @ParameterizedTest
    @MethodSource("coded")
    void everyCodeIsTheNearestItsBlockOffers(EncodableFormat format) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int length = format.blockLength();
        for (int round = 0; round < 20; round++) {
            float[] weights = normal(random, length);
            byte[] block = encode(format, weights);
            float[] chosen = decode(format, block, length);
            for (int code = 0; code < codes(format); code++) {
                float[] other = decode(format, withAllCodes(format, block, code), length);
                for (int j = 0; j < length; j++) {
                    double slack =
                            switch (format) {
                                case Q4_0 _, Q5_0 _, Q8_0 _, IQ4_NL _, IQ4_XS _ ->
                                        2 * HALF_EPSILON * Math.abs(weights[j]);
                                case Q4_1 _, Q5_1 _ -> 4 * HALF_EPSILON * largest(weights);
                                default -> 1e-5 * Math.abs(weights[j]);
                            };
                    assertThat(Math.abs(chosen[j] - (double) weights[j]))
                            .as("%s, weight %d, code %d, seed %d", format, j, code, seed)
                            .isLessThanOrEqualTo(Math.abs(other[j] - (double) weights[j]) + slack);
                }
            }
        }
    }

    private static int codes(EncodableFormat format) {
        return switch (format) {
            case Q2_K _ -> 4;
            case Q3_K _ -> 8;
            case Q5_0 _, Q5_1 _, Q5_K _ -> 32;
            case Q6_K _ -> 64;
            case Q8_0 _ -> 256;
            default -> 16;
        };
    }

    private static byte[] withAllCodes(EncodableFormat format, byte[] block, int code) {
        byte[] changed = block.clone();
        byte low = (byte) ((code & 0xF) * 0x11);
        byte two = (byte) ((code & 3) * 0x55);
        switch (format) {
            case Q4_0 _ -> Arrays.fill(changed, Q4_0.QS, 18, low);
            case Q4_1 _ -> Arrays.fill(changed, Q4_1.QS, 20, low);
            case Q5_0 _ -> {
                Arrays.fill(changed, Q5_0.QS, 22, low);
                Arrays.fill(changed, Q5_0.QH, Q5_0.QS, (byte) -(code >>> 4));
            }
            case Q5_1 _ -> {
                Arrays.fill(changed, Q5_1.QS, 24, low);
                Arrays.fill(changed, Q5_1.QH, Q5_1.QS, (byte) -(code >>> 4));
            }
            case Q8_0 _ -> Arrays.fill(changed, Q8_0.QS, 34, (byte) code);
            case IQ4_NL _ -> Arrays.fill(changed, IQ4_NL.QS, 18, low);
            case IQ4_XS _ -> Arrays.fill(changed, IQ4_XS.QS, 136, low);
            case MXFP4 _ -> Arrays.fill(changed, MXFP4.QS, 17, low);
            case Q2_K _ -> Arrays.fill(changed, Q2_K.QS, Q2_K.D, two);
            case Q3_K _ -> {
                Arrays.fill(changed, Q3_K.QS, Q3_K.SCALES, two);
                Arrays.fill(changed, 0, Q3_K.QS, (byte) -(code >>> 2));
            }
            case Q4_K _ -> Arrays.fill(changed, Q4_K.QS, 144, low);
            case Q5_K _ -> {
                Arrays.fill(changed, Q5_K.QS, 176, low);
                Arrays.fill(changed, Q5_K.QH, Q5_K.QS, (byte) -(code >>> 4));
            }
            case Q6_K _ -> {
                Arrays.fill(changed, 0, Q6_K.QH, low);
                Arrays.fill(changed, Q6_K.QH, Q6_K.SCALES, (byte) ((code >>> 4) * 0x55));
            }
            case F32 _, F16 _, BF16 _ -> throw new AssertionError(format + " has no codes");
        }
        return changed;
    }

    @Test
    void aQ8_0WeightIsOffByHalfAStepAndTheRoundingOfTheScale() {
        long seed = System.nanoTime();
        float[] weights = normal(new Random(seed), 32 * 1000);
        float[] back = decode(new Q8_0(), encode(new Q8_0(), weights), weights.length);
        for (int i = 0; i < weights.length; i++) {
            double step = largest(blockOf(weights, i)) / 127;
            assertThat(Math.abs(back[i] - (double) weights[i]))
                    .as("weight %d, seed %d", i, seed)
                    .isLessThanOrEqualTo(step * (0.5 + 127 * HALF_EPSILON + 1e-4));
        }
    }

    /// A weight as large as the extreme and of the other sign would need code 16; it gets 15.
    @Test
    void aQ4_0WeightIsOffByAStepAtMostAndTheRoundingOfTheScale() {
        long seed = System.nanoTime();
        float[] weights = normal(new Random(seed), 32 * 1000);
        float[] back = decode(new Q4_0(), encode(new Q4_0(), weights), weights.length);
        for (int i = 0; i < weights.length; i++) {
            double step = largest(blockOf(weights, i)) / 8;
            assertThat(Math.abs(back[i] - (double) weights[i]))
                    .as("weight %d, seed %d", i, seed)
                    .isLessThanOrEqualTo(step * (1 + 8 * HALF_EPSILON + 1e-4));
        }
    }

    /// For the formats whose extreme weight decodes to a whole number of scales; the searches of the
    /// K formats may find another scale for weights that are rounded already.
    @Test
    void encodingWhatWasDecodedChangesNothing() {
        long seed = System.nanoTime();
        float[] weights = normal(new Random(seed), 32 * 1000);
        for (EncodableFormat format :
                List.of(
                        new F32(),
                        new F16(),
                        new BF16(),
                        new Q4_0(),
                        new Q4_1(),
                        new Q5_0(),
                        new Q5_1(),
                        new Q8_0(),
                        new MXFP4())) {
            byte[] once = encode(format, weights);
            byte[] twice = encode(format, decode(format, once, weights.length));
            assertThat(twice).as("%s, seed %d", format, seed).isEqualTo(once);
        }
    }

    /// Each place of a block alone, so that no two places can be exchanged: one weight of three among
    /// zeros, of either sign. The one scale and the one minimum that are not zero are the largest of
    /// their block, so what is missed is the rounding of two f16: `2 · 3 · 2⁻¹¹`. No level of IQ4
    /// is zero: there, zeros become a hundredth of the weight.
    @ParameterizedTest
    @MethodSource("all")
    void aSingleWeightStaysInItsPlace(EncodableFormat format) {
        int length = format.blockLength();
        float slack = format instanceof IQ4_NL || format instanceof IQ4_XS ? 0.03f : 0.003f;
        for (float value : new float[] {3, -3}) {
            for (int place = 0; place < length; place++) {
                float[] weights = new float[length];
                weights[place] = value;
                float[] back = decode(format, encode(format, weights), length);
                for (int j = 0; j < length; j++) {
                    assertThat(back[j] - weights[j])
                            .as("%s, %s at %d, seen at %d", format, value, place, j)
                            .isBetween(-slack, slack);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void zerosStayZeros(EncodableFormat format) {
        for (float zero : new float[] {0, -0f}) {
            float[] zeros = new float[512];
            Arrays.fill(zeros, zero);
            assertThat(largest(decode(format, encode(format, zeros), 512))).isZero();
        }
    }

    /// Below the reach of an f16 scale everything becomes zero, however small the weights are.
    @ParameterizedTest
    @MethodSource("scaledByAHalf")
    void weightsTooSmallForAScaleBecomeZeros(EncodableFormat format) {
        for (float size : new float[] {1e-10f, 1e-16f, 1e-30f, 1e-38f, 1e-40f, Float.MIN_VALUE}) {
            float[] weights = normal(new Random(1), 256);
            for (int i = 0; i < weights.length; i++) {
                weights[i] *= size;
            }
            assertThat(largest(decode(format, encode(format, weights), 256)))
                    .as("%s", size)
                    .isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void writesItsBlockWholeAndNothingElse(EncodableFormat format) {
        long seed = System.nanoTime();
        float[] weights = normal(new Random(seed), 5 + format.blockLength());
        byte[] block = encode(format, Arrays.copyOfRange(weights, 5, weights.length));
        for (int before : new int[] {0x00, 0xFF, 0xA5}) {
            byte[] bytes = new byte[3 + block.length + 4];
            Arrays.fill(bytes, (byte) before);
            format.encodeBlock(weights, 5, MemorySegment.ofArray(bytes), 3);
            assertThat(Arrays.copyOfRange(bytes, 3, 3 + block.length))
                    .as("seed %d", seed)
                    .isEqualTo(block);
            assertThat(Arrays.copyOf(bytes, 3)).containsOnly(before);
            assertThat(Arrays.copyOfRange(bytes, 3 + block.length, bytes.length))
                    .containsOnly(before);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void manyBlocksAreEachBlock(EncodableFormat format) {
        float[] weights = normal(new Random(7), 1024);
        byte[] blocks = encode(format, weights);
        int length = format.blockLength();
        int bytes = format.blockBytes();
        for (int b = 0; b < 1024 / length; b++) {
            float[] run = Arrays.copyOfRange(weights, b * length, (b + 1) * length);
            assertThat(encode(format, run))
                    .isEqualTo(Arrays.copyOfRange(blocks, b * bytes, (b + 1) * bytes));
        }
    }

    @Test
    void f32KeepsEveryBit() {
        float[] weights = {0, -0f, Float.MIN_VALUE, 1, Float.MAX_VALUE, Float.NEGATIVE_INFINITY};
        byte[] bytes = encode(new F32(), weights);
        assertThat(decode(new F32(), bytes, weights.length)).isEqualTo(weights);
        assertThat(Arrays.copyOfRange(bytes, 12, 16)).containsExactly(0, 0, 0x80, 0x3F);
    }

    private static float[] blockOf(float[] weights, int i) {
        return Arrays.copyOfRange(weights, i / 32 * 32, i / 32 * 32 + 32);
    }

    private static float largest(float[] weights) {
        float largest = 0;
        for (float weight : weights) {
            largest = Math.max(largest, Math.abs(weight));
        }
        return largest;
    }

    private static float[] normal(Random random, int length) {
        float[] weights = new float[length];
        for (int i = 0; i < length; i++) {
            weights[i] = (float) random.nextGaussian();
        }
        return weights;
    }

    private static byte[] encode(EncodableFormat format, float[] weights) {
        byte[] bytes = new byte[(int) format.byteSize(weights.length)];
        format.encode(weights, 0, MemorySegment.ofArray(bytes), 0, weights.length);
        return bytes;
    }

    private static float[] decode(Format format, byte[] bytes, int count) {
        float[] weights = new float[count];
        format.decode(MemorySegment.ofArray(bytes), 0, weights, 0, count);
        return weights;
    }
}
