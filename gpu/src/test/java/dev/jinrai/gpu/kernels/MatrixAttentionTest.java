package dev.jinrai.gpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// `attentionMatrices` against its definition in double.
///
/// Where the device has no matrices, its invocations play them (EMULATED in `matrices.glsl`).
class MatrixAttentionTest extends KernelTest {
    private static final int POSITIONS = 256;

    /// @param start the position of the first token
    record Shape(int heads, int kvHeads, int length, int start, int tokens, float scale) {
        int end() {
            return start + tokens;
        }

        /// A layer that is not asked for lies before it.
        int keyOffset() {
            return 512;
        }

        int valueOffset() {
            return keyOffset() + kvHeads * POSITIONS * length * Short.BYTES;
        }

        int blockBytes() {
            return valueOffset() + kvHeads * POSITIONS * length * Short.BYTES;
        }

        int at(int offset, int kvHead, int position) {
            return offset + (kvHead * POSITIONS + position % POSITIONS) * length * Short.BYTES;
        }
    }

    static Stream<Shape> shapes() {
        return Stream.of(
                new Shape(2, 1, 64, 0, 70, 0.125f),
                new Shape(2, 2, 128, 250, 9, 0.09f),
                new Shape(1, 1, 16, 511, 10, 8));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void attentionMatricesIsTheSoftmaxOverWhatATokenSees(Shape shape) {
        var random = new SplittableRandom(shape.hashCode());
        int length = shape.length();
        float[] keys = halves(shape.end() * shape.kvHeads() * length, random);
        float[] values = halves(shape.end() * shape.kvHeads() * length, random);
        float[] q = Rig.random(shape.tokens() * shape.heads() * length, random);
        for (int i = 0; i < q.length; i++) { // tokens of all sizes, one of zeros
            q[i] *= (i / (shape.heads() * length)) % 4 * 1.5f;
        }
        float[] actual = attendByMatrices(shape, q, keys, values);
        for (int t = 0; t < shape.tokens(); t++) {
            for (int h = 0; h < shape.heads(); h++) {
                int at = (t * shape.heads() + h) * length;
                double[] expected = attend(shape, q, at, h, shape.start() + t, keys, values);
                for (int i = 0; i < length; i++) {
                    // Queries and weights have eleven bits; values are less than one.
                    assertThat((double) actual[at + i])
                            .as("%s token %d head %d value %d", shape, t, h, i)
                            .isCloseTo(expected[i], within(2e-3 * Math.max(1, shape.scale())));
                }
            }
        }
    }

    @Test
    void infiniteValuesReachNoTokenBeforeThem() {
        var shape = new Shape(2, 1, 64, 0, 70, 0.125f);
        var random = new SplittableRandom(3);
        int row = shape.heads() * shape.length();
        int at = 37;
        float[] keys = halves(shape.end() * shape.length(), random);
        float[] values = halves(shape.end() * shape.length(), random);
        float[] q = Rig.random(shape.tokens() * row, random);
        float[] expected = attendByMatrices(shape, q, keys, values);
        Arrays.fill(keys, at * shape.length(), keys.length, Float.NEGATIVE_INFINITY);
        Arrays.fill(values, at * shape.length(), values.length, Float.POSITIVE_INFINITY);
        float[] actual = attendByMatrices(shape, q, keys, values);
        assertThat(Arrays.copyOf(actual, at * row)).isEqualTo(Arrays.copyOf(expected, at * row));
        for (int i = at * row; i < actual.length; i++) {
            assertThat(actual[i]).as("value %d", i).isNaN();
        }
    }

    private float[] attendByMatrices(Shape shape, float[] q, float[] keys, float[] values) {
        int length = shape.length();
        Rig.Memory[] blocks = blocks(shape, keys, values);
        Rig.Memory table =
                rig.longs(Arrays.stream(blocks).mapToLong(Rig.Memory::address).toArray());
        long[] caches = new long[shape.tokens()];
        Arrays.fill(caches, table.address());
        int[] positions = new int[shape.tokens()];
        Arrays.setAll(positions, t -> shape.start() + t);
        Rig.Memory out = rig.room(shape.tokens() * shape.heads() * length);
        String kernel = "attentionMatrices" + (device().info().matrices() ? "" : "Emulated");
        rig.kernel(kernel, length)
                .with(out, rig.floats(q), rig.longs(caches), rig.ints(positions))
                .offset(shape.keyOffset())
                .offset(shape.valueOffset())
                .words(shape.heads(), shape.kvHeads(), shape.tokens())
                .real(shape.scale())
                .run(shape.heads(), (shape.tokens() + 63) / 64);
        return rig.floats(out);
    }

    private static float[] halves(int count, SplittableRandom random) {
        float[] values = Rig.random(count, random);
        for (int i = 0; i < count; i++) {
            values[i] = Float.float16ToFloat(Float.floatToFloat16(values[i]));
        }
        return values;
    }

    /// Blocks in which all that is not stored is not a number.
    private Rig.Memory[] blocks(Shape shape, float[] keys, float[] values) {
        int length = shape.length();
        Rig.Memory[] blocks = new Rig.Memory[(shape.end() + POSITIONS - 1) / POSITIONS];
        for (int b = 0; b < blocks.length; b++) {
            short[] halves = new short[shape.blockBytes() / Short.BYTES];
            Arrays.fill(halves, (short) 0x7E00);
            for (int p = b * POSITIONS; p < Math.min(shape.end(), (b + 1) * POSITIONS); p++) {
                for (int h = 0; h < shape.kvHeads(); h++) {
                    int from = (p * shape.kvHeads() + h) * length;
                    int key = shape.at(shape.keyOffset(), h, p) / Short.BYTES;
                    int value = shape.at(shape.valueOffset(), h, p) / Short.BYTES;
                    for (int i = 0; i < length; i++) {
                        halves[key + i] = Float.floatToFloat16(keys[from + i]);
                        halves[value + i] = Float.floatToFloat16(values[from + i]);
                    }
                }
            }
            blocks[b] = rig.bytes(MemorySegment.ofArray(halves));
        }
        return blocks;
    }

    private static double[] attend(
            Shape shape, float[] q, int at, int h, int position, float[] keys, float[] values) {
        int length = shape.length();
        int kvHead = h / (shape.heads() / shape.kvHeads());
        double[] scores = new double[position + 1];
        for (int p = 0; p <= position; p++) {
            int key = (p * shape.kvHeads() + kvHead) * length;
            scores[p] = shape.scale() * Rig.dot(q, at, keys, key, length);
        }
        double largest = Arrays.stream(scores).max().orElseThrow();
        double sum = 0;
        double[] result = new double[length];
        for (int p = 0; p <= position; p++) {
            double weight = Math.exp(scores[p] - largest);
            sum += weight;
            for (int i = 0; i < length; i++) {
                result[i] += weight * values[(p * shape.kvHeads() + kvHead) * length + i];
            }
        }
        for (int i = 0; i < length; i++) {
            result[i] /= sum;
        }
        return result;
    }
}
