package dev.jinrai.gpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jinrai.backend.KvType;
import dev.jinrai.format.EncodableFormat;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// `rotations` and `splitAttention` against their definition in double.
class SplitAttentionTest extends KernelTest {
    private static final int POSITIONS = 256;
    private static final int HISTORY = 620;

    /// @param pairing 0 none, 1 adjacent values, 2 halves
    record Shape(
            KvType type,
            int heads,
            int kvHeads,
            int keyLength,
            int valueLength,
            int pairing,
            int pairs,
            int splits) {
        EncodableFormat format() {
            return type.format();
        }

        int keyBytes() {
            return (int) format().byteSize(keyLength);
        }

        int valueBytes() {
            return (int) format().byteSize(valueLength);
        }

        /// A layer that is not asked for lies before it.
        int keyOffset() {
            return 512;
        }

        int valueOffset() {
            return keyOffset() + kvHeads * POSITIONS * keyBytes();
        }

        int blockBytes() {
            return valueOffset() + kvHeads * POSITIONS * valueBytes();
        }

        long keyAt(int kvHead, int position) {
            return keyOffset() + (long) (kvHead * POSITIONS + position % POSITIONS) * keyBytes();
        }

        long valueAt(int kvHead, int position) {
            return valueOffset()
                    + (long) (kvHead * POSITIONS + position % POSITIONS) * valueBytes();
        }
    }

    /// One head a key and many, lengths that are not a power of two, the longest, and one split of all and more than are needed.
    static Stream<Shape> shapes() {
        return Stream.of(
                new Shape(KvType.F16, 2, 2, 16, 16, 0, 0, 3),
                new Shape(KvType.F16, 6, 2, 32, 48, 1, 16, 32),
                new Shape(KvType.F16, 32, 4, 64, 64, 2, 32, 5),
                new Shape(KvType.F16, 7, 1, 48, 64, 2, 8, 4),
                new Shape(KvType.F16, 16, 1, 64, 80, 1, 32, 32),
                new Shape(KvType.F16, 8, 1, 256, 256, 2, 100, 7),
                new Shape(KvType.F32, 4, 1, 64, 64, 1, 32, 32),
                new Shape(KvType.F32, 5, 5, 80, 16, 2, 40, 1),
                new Shape(KvType.F32, 3, 1, 112, 144, 0, 0, 2));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void itIsTheSoftmaxOverWhatTheTokenSees(Shape shape) {
        var random = new SplittableRandom(11);
        int blocks = (HISTORY + POSITIONS - 1) / POSITIONS;
        float[] keys = stored(shape, Rig.random(HISTORY * shape.kvHeads * shape.keyLength, random));
        float[] values =
                stored(shape, Rig.random(HISTORY * shape.kvHeads * shape.valueLength, random));
        Rig.Memory[] cache = cache(shape, blocks, keys, values);
        Rig.Memory table = rig.longs(Arrays.stream(cache).mapToLong(Rig.Memory::address).toArray());
        Rig.Memory tickets = rig.ints(new int[shape.kvHeads]);
        Rig.Memory parts = rig.room(shape.splits * shape.heads * (shape.valueLength + 4));
        for (int position : new int[] {0, 1, 15, 16, 63, 64, 65, 255, 256, 257, 511, 600}) {
            var token = new Token(shape, position, random);
            QuantizedVector result = attend(shape, token, table, tickets, parts);
            keepsWhatWasAppended(shape, token, cache[position / POSITIONS], keys, values);
            float[] actual = result.values();
            for (int h = 0; h < shape.heads; h++) {
                double[] expected = attention(shape, token, h, keys, values);
                for (int i = 0; i < expected.length; i++) {
                    int at = h * shape.valueLength + i;
                    // An average of values below 1 with weights that are right to a few ulp.
                    double bound = 2e-6 + result.largest(at) * QuantizedVector.ERROR;
                    double error = Math.abs(actual[at] - expected[i]);
                    Errors.note("splitAttention / bound", error / bound);
                    assertThat(error)
                            .as("%s position %d head %d value %d", shape, position, h, i)
                            .isLessThan(bound);
                }
            }
        }
        assertThat(rig.ints(tickets)).containsOnly(0);
    }

    /// What one token brings, and how it stands.
    private static final class Token {
        private final int position;
        private final float[] q;
        private final float[] k;
        private final float[] v;
        private final float[] rotations;

        Token(Shape shape, int position, SplittableRandom random) {
            this.position = position;
            q = Rig.random(shape.heads * shape.keyLength, random);
            k = Rig.random(shape.kvHeads * shape.keyLength, random);
            v = Rig.random(shape.kvHeads * shape.valueLength, random);
            rotations = new float[Math.max(2, 2 * shape.pairs)];
            for (int i = 0; i < shape.pairs; i++) {
                double angle = position * Math.pow(10_000, -(double) i / shape.pairs);
                rotations[2 * i] = (float) Math.cos(angle);
                rotations[2 * i + 1] = (float) Math.sin(angle);
            }
        }
    }

    private QuantizedVector attend(
            Shape shape, Token token, Rig.Memory table, Rig.Memory tickets, Rig.Memory parts) {
        int columns = shape.heads * shape.valueLength;
        Rig.Memory to = rig.bytes(MemorySegment.ofArray(new byte[QuantizedVector.bytes(columns)]));
        rig.kernel(
                        "splitAttention",
                        shape.format().type().id(),
                        shape.heads / shape.kvHeads,
                        shape.keyLength,
                        shape.valueLength,
                        shape.pairing,
                        0,
                        shape.splits % 2 == 0 ? 32 : 64)
                .with(to, rig.floats(token.q), rig.floats(token.k), rig.floats(token.v))
                .with(rig.longs(table.address()), rig.ints(token.position))
                .with(rig.floats(token.rotations), parts, tickets)
                .offset(shape.keyOffset())
                .offset(shape.valueOffset())
                .words(shape.pairs)
                .real(scale(shape))
                .run(shape.kvHeads, shape.splits);
        return QuantizedVector.read(rig.bytes(to), columns);
    }

    private static float scale(Shape shape) {
        return (float) (2 / Math.sqrt(shape.keyLength));
    }

    /// The cache has the token's own key and value, rounded as its type does, and for the rest what it had. From here on the keys are
    /// those that it has: a rotation in f32 may round to another half than one in double.
    private void keepsWhatWasAppended(
            Shape shape, Token token, Rig.Memory block, float[] keys, float[] values) {
        MemorySegment stored = rig.bytes(block);
        for (int h = 0; h < shape.kvHeads; h++) {
            float[] key = new float[shape.keyLength];
            float[] value = new float[shape.valueLength];
            shape.format().decode(stored, shape.keyAt(h, token.position), key, 0, key.length);
            shape.format().decode(stored, shape.valueAt(h, token.position), value, 0, value.length);
            double[] rotated = rotated(shape, token, token.k, h * shape.keyLength);
            double half = shape.type == KvType.F16 ? 0x1p-11 : 0;
            for (int i = 0; i < key.length; i++) {
                assertThat((double) key[i])
                        .as("%s position %d key %d", shape, token.position, i)
                        .isCloseTo(rotated[i], within(Math.abs(rotated[i]) * half + 3e-7));
            }
            int valueAt = h * shape.valueLength;
            float[] given = Arrays.copyOfRange(token.v, valueAt, valueAt + value.length);
            assertThat(value).isEqualTo(stored(shape, given));
            System.arraycopy(
                    key, 0, keys, (token.position * shape.kvHeads + h) * key.length, key.length);
            System.arraycopy(
                    value,
                    0,
                    values,
                    (token.position * shape.kvHeads + h) * value.length,
                    value.length);
        }
        MemorySegment expected = block(shape, token.position / POSITIONS, keys, values);
        assertThat(stored.mismatch(expected)).as("%s: the block", shape).isEqualTo(-1);
    }

    private Rig.Memory[] cache(Shape shape, int blocks, float[] keys, float[] values) {
        Rig.Memory[] cache = new Rig.Memory[blocks];
        for (int b = blocks - 1; b >= 0; b--) { // in no order
            cache[b] = rig.bytes(block(shape, b, keys, values));
        }
        return cache;
    }

    /// What was never stored reads as NaN.
    private static MemorySegment block(Shape shape, int block, float[] keys, float[] values) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[shape.blockBytes()]);
        bytes.fill((byte) 0xFF);
        int end = Math.min(HISTORY, (block + 1) * POSITIONS);
        for (int p = block * POSITIONS; p < end; p++) {
            for (int h = 0; h < shape.kvHeads; h++) {
                int head = p * shape.kvHeads + h;
                shape.format()
                        .encode(
                                keys,
                                head * shape.keyLength,
                                bytes,
                                shape.keyAt(h, p),
                                shape.keyLength);
                shape.format()
                        .encode(
                                values,
                                head * shape.valueLength,
                                bytes,
                                shape.valueAt(h, p),
                                shape.valueLength);
            }
        }
        return bytes;
    }

    private static float[] stored(Shape shape, float[] values) {
        MemorySegment data =
                MemorySegment.ofArray(new byte[(int) shape.format().byteSize(values.length)]);
        shape.format().encode(values, 0, data, 0, values.length);
        return Rig.decode(shape.format(), data, values.length);
    }

    private static double[] rotated(Shape shape, Token token, float[] head, int at) {
        double[] result = new double[shape.keyLength];
        for (int i = 0; i < result.length; i++) {
            result[i] = head[at + i];
        }
        for (int i = 0; i < shape.pairs; i++) {
            int first = shape.pairing == 1 ? 2 * i : i;
            int second = shape.pairing == 1 ? 2 * i + 1 : i + shape.pairs;
            double x = result[first];
            double y = result[second];
            double cos = token.rotations[2 * i];
            double sin = token.rotations[2 * i + 1];
            result[first] = x * cos - y * sin;
            result[second] = x * sin + y * cos;
        }
        return result;
    }

    private static double[] attention(
            Shape shape, Token token, int h, float[] keys, float[] values) {
        int kvHead = h * shape.kvHeads / shape.heads;
        double[] q = rotated(shape, token, token.q, h * shape.keyLength);
        double[] weights = new double[token.position + 1];
        double largest = Double.NEGATIVE_INFINITY;
        for (int p = 0; p < weights.length; p++) {
            for (int i = 0; i < q.length; i++) {
                weights[p] +=
                        scale(shape)
                                * q[i]
                                * keys[(p * shape.kvHeads + kvHead) * shape.keyLength + i];
            }
            largest = Math.max(largest, weights[p]);
        }
        double sum = 0;
        double[] result = new double[shape.valueLength];
        for (int p = 0; p < weights.length; p++) {
            double weight = Math.exp(weights[p] - largest);
            sum += weight;
            for (int i = 0; i < result.length; i++) {
                result[i] += weight * values[(p * shape.kvHeads + kvHead) * shape.valueLength + i];
            }
        }
        for (int i = 0; i < result.length; i++) {
            result[i] /= sum;
        }
        return result;
    }

    // ---- rotations

    @Test
    void rotationsAreCosinesAndSines() {
        int pairs = 150;
        float[] frequencies = new float[2 * pairs];
        double[] exact = new double[pairs];
        for (int i = 0; i < pairs; i++) {
            exact[i] = Math.pow(500_000, -(double) i / pairs);
            frequencies[i] = (float) exact[i];
            frequencies[pairs + i] = (float) (exact[i] - frequencies[i]);
        }
        for (int position : new int[] {0, 1, 8191, 131_071}) {
            Rig.Memory to = rig.room(2 * pairs);
            rig.kernel("rotations")
                    .with(to, rig.ints(position), rig.floats(frequencies))
                    .words(pairs)
                    .real(1.5f)
                    .run(2);
            float[] actual = rig.floats(to);
            for (int i = 0; i < pairs; i++) {
                double angle = position * exact[i];
                double bound = 1.5 * (2.5e-7 + angle * 0x1p-48); // as in PositionKernelsTest
                assertThat((double) actual[2 * i])
                        .isCloseTo(1.5 * StrictMath.cos(angle), within(bound));
                assertThat((double) actual[2 * i + 1])
                        .isCloseTo(1.5 * StrictMath.sin(angle), within(bound));
            }
        }
    }

    /// NaN of another position than its own reaches nothing: blocks behind the token's are not there at all.
    @Test
    void nothingBehindTheTokenIsRead() {
        var shape = new Shape(KvType.F32, 2, 1, 32, 32, 0, 0, 4);
        var random = new SplittableRandom(3);
        byte[] nan = new byte[shape.blockBytes()];
        Arrays.fill(nan, (byte) 0xFF);
        Rig.Memory block = rig.bytes(MemorySegment.ofArray(nan));
        Rig.Memory table = rig.longs(block.address(), 0);
        var token = new Token(shape, 0, random);
        QuantizedVector result =
                attend(shape, token, table, rig.ints(0), rig.room(4 * 2 * (32 + 4)));
        float[] actual = result.values();
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i])
                    .isCloseTo(token.v[i % 32], within(result.largest(i) * QuantizedVector.ERROR));
        }
        assertThat(rig.bytes(block).get(ValueLayout.JAVA_INT_UNALIGNED, 512 + 32 * 4))
                .as("the next key")
                .isEqualTo(-1);
    }
}
