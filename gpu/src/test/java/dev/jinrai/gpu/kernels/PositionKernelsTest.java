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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The kernels that know where a token stands: `rope`, `append` and `attention`.
class PositionKernelsTest extends KernelTest {
    private static final int POSITIONS = 256;

    // ---- rope

    @ParameterizedTest
    @CsvSource({
        "0, 128, 64, 1",
        "1, 128, 64, 1",
        "0, 24, 8, 1",
        "1, 24, 8, 1.2",
        "1, 600, 300, 0.5",
        "0, 2, 1, 1"
    })
    void ropeTurnsPairsByExactAngles(int halves, int headLength, int pairs, float magnitude) {
        int[] positions = {0, 1, 2, 1000, 8191, 100_000, 131_071, 10_000_019, Integer.MAX_VALUE};
        int heads = 3;
        int tokens = positions.length;
        double[] frequencies = new double[pairs];
        for (int i = 0; i < pairs; i++) {
            frequencies[i] = Math.pow(500_000, -(double) i / pairs) / (i % 3 == 2 ? 8 : 1);
        }
        float[] x = Rig.random(tokens * heads * headLength, new SplittableRandom(6));
        Rig.Memory memory = rig.floats(x);
        rig.kernel("rope")
                .with(memory, rig.ints(positions), rig.floats(split(frequencies)))
                .words(heads, headLength, pairs, halves)
                .real(magnitude)
                .run(tokens, heads);
        float[] actual = rig.floats(memory);
        for (int head = 0; head < tokens * heads; head++) {
            int at = head * headLength;
            int position = positions[head / heads];
            for (int i = 0; i < pairs; i++) {
                double angle = position * frequencies[i];
                double cos = StrictMath.cos(angle) * magnitude;
                double sin = StrictMath.sin(angle) * magnitude;
                int first = at + (halves == 0 ? 2 * i : i);
                int second = halves == 0 ? first + 1 : first + pairs;
                // hi + lo keeps 48 bits of a frequency; a turn or two of 2³¹ positions is then 1e-5
                // off.
                double bound = magnitude * (2.5e-7 + position * frequencies[i] * 0x1p-48);
                double y0 = x[first] * cos - x[second] * sin;
                double y1 = x[first] * sin + x[second] * cos;
                if (position < 1 << 20) {
                    Errors.note(
                            "rope",
                            Math.max(Math.abs(actual[first] - y0), Math.abs(actual[second] - y1)));
                }
                assertThat((double) actual[first])
                        .as("position %d pair %d", position, i)
                        .isCloseTo(y0, within(bound));
                assertThat((double) actual[second])
                        .as("position %d pair %d", position, i)
                        .isCloseTo(y1, within(bound));
            }
            for (int i = 2 * pairs; i < headLength; i++) {
                assertThat(actual[at + i]).isEqualTo(x[at + i]);
            }
        }
    }

    /// Far smaller and larger frequencies than models have, zero and negative ones.
    @Test
    void ropeTakesAnyFrequency() {
        double[] frequencies = {
            0, 1e-12, -0.3, 3.14159265358979, 6.5, 1234.5678, 1e-45, 1e6, 1e-30
        };
        int pairs = frequencies.length;
        int position = 1001;
        float[] x = new float[2 * pairs];
        Arrays.fill(x, 0, pairs, 1);
        Rig.Memory memory = rig.floats(x);
        rig.kernel("rope")
                .with(memory, rig.ints(position), rig.floats(split(frequencies)))
                .words(1, 2 * pairs, pairs, 1)
                .real(1f)
                .run(1, 1);
        float[] actual = rig.floats(memory);
        for (int i = 0; i < pairs; i++) {
            double angle = position * frequencies[i];
            double bound = 1e-7 + Math.abs(angle) * 0x1p-48;
            assertThat((double) actual[i])
                    .as("%s", frequencies[i])
                    .isCloseTo(Math.cos(angle), within(bound));
            assertThat((double) actual[i + pairs])
                    .as("%s", frequencies[i])
                    .isCloseTo(Math.sin(angle), within(bound));
        }
    }

    private static float[] split(double[] values) {
        float[] parts = new float[2 * values.length];
        for (int i = 0; i < values.length; i++) {
            parts[i] = (float) values[i];
            parts[values.length + i] = (float) (values[i] - parts[i]);
        }
        return parts;
    }

    // ---- caches

    record Shape(KvType type, int heads, int kvHeads, int keyLength, int valueLength, float scale) {
        int keyBytes() {
            return (int) type.format().byteSize(keyLength);
        }

        int valueBytes() {
            return (int) type.format().byteSize(valueLength);
        }

        /// A layer that is not asked for lies before it.
        long keyOffset() {
            return 1024;
        }

        long valueOffset() {
            return keyOffset() + (long) kvHeads * POSITIONS * keyBytes();
        }

        long blockBytes() {
            return valueOffset() + (long) kvHeads * POSITIONS * valueBytes();
        }
    }

    static Stream<Shape> shapes() {
        return Arrays.stream(KvType.values())
                .flatMap(type ->
                        Stream.of(
                                        new Shape(type, 2, 2, 20, 12, 0.3f),
                                        new Shape(type, 6, 2, 7, 5, 0.3f),
                                        new Shape(type, 2, 1, 1, 3, 1f),
                                        new Shape(type, 3, 3, 32, 64, 0.5f),
                                        new Shape(type, 4, 1, 64, 64, 1f),
                                        new Shape(type, 4, 2, 96, 160, 0.1f),
                                        new Shape(type, 4, 2, 128, 128, 0.1f),
                                        new Shape(type, 2, 1, 256, 256, 0.06f),
                                        new Shape(type, 2, 2, 576, 512, 0.04f))
                                .filter(s -> type.holds(s.keyLength) && type.holds(s.valueLength)));
    }

    /// One timeline: its blocks lie apart and in no order.
    private final class Timeline {
        private final Rig.Memory[] blocks;
        private final Rig.Memory table;

        Timeline(Shape shape, int positions) {
            int count = (positions + POSITIONS - 1) / POSITIONS;
            blocks = new Rig.Memory[count];
            long[] addresses = new long[count];
            for (int b = count - 1; b >= 0; b--) {
                // What was never stored reads as NaN, in every type.
                byte[] nan = new byte[(int) shape.blockBytes()];
                Arrays.fill(nan, (byte) 0xFF);
                blocks[b] = rig.bytes(MemorySegment.ofArray(nan));
                addresses[b] = blocks[b].address();
            }
            table = rig.longs(addresses);
        }
    }

    private void append(
            Shape shape,
            Rig.Memory caches,
            Rig.Memory positions,
            int tokens,
            float[] keys,
            float[] values) {
        int type = shape.type.format().type().id();
        rig.kernel("append", type)
                .with(rig.floats(keys), caches, positions)
                .offset(shape.keyOffset())
                .words(shape.kvHeads, shape.keyLength)
                .run(tokens, shape.kvHeads);
        rig.kernel("append", type)
                .with(rig.floats(values), caches, positions)
                .offset(shape.valueOffset())
                .words(shape.kvHeads, shape.valueLength)
                .run(tokens, shape.kvHeads);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void appendStoresTheBytesOfTheFormat(Shape shape) {
        var random = new SplittableRandom(7);
        int[] positions = {0, 1, 130, 255, 256, 511, 600};
        int tokens = positions.length;
        var timeline = new Timeline(shape, 601);
        long[] caches = new long[tokens];
        Arrays.fill(caches, timeline.table.address());
        float[] keys = numbers(tokens * shape.kvHeads * shape.keyLength, random);
        float[] values = numbers(tokens * shape.kvHeads * shape.valueLength, random);
        append(shape, rig.longs(caches), rig.ints(positions), tokens, keys, values);
        MemorySegment[] blocks =
                Arrays.stream(timeline.blocks).map(rig::bytes).toArray(MemorySegment[]::new);
        MemorySegment[] expected = new MemorySegment[blocks.length];
        for (int b = 0; b < blocks.length; b++) {
            expected[b] = MemorySegment.ofArray(new byte[(int) shape.blockBytes()]);
            expected[b].fill((byte) 0xFF);
        }
        EncodableFormat format = shape.type.format();
        for (int t = 0; t < tokens; t++) {
            for (int h = 0; h < shape.kvHeads; h++) {
                int slot = h * POSITIONS + positions[t] % POSITIONS;
                MemorySegment block = expected[positions[t] / POSITIONS];
                format.encode(
                        keys,
                        (t * shape.kvHeads + h) * shape.keyLength,
                        block,
                        shape.keyOffset() + (long) slot * shape.keyBytes(),
                        shape.keyLength);
                format.encode(
                        values,
                        (t * shape.kvHeads + h) * shape.valueLength,
                        block,
                        shape.valueOffset() + (long) slot * shape.valueBytes(),
                        shape.valueLength);
            }
        }
        for (int b = 0; b < blocks.length; b++) {
            assertThat(blocks[b].mismatch(expected[b])).as("%s block %d", shape, b).isEqualTo(-1);
        }
    }

    /// Numbers of all sizes that a half can hold, and some that it cannot; but no tiny f32, which a GPU may flush.
    private static float[] numbers(int count, SplittableRandom random) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            float x = (float) random.nextDouble(-1, 1);
            numbers[i] = x * (float) Math.pow(2, i / 32 % 2 == 0 ? 0 : random.nextInt(-30, 18));
        }
        return numbers;
    }

    /// Ties, the borders of the halves' range, and what is not finite.
    @ParameterizedTest
    @CsvSource({"F16", "Q8_0"})
    void appendRoundsAsTheFormatDoes(KvType type) {
        var random = new SplittableRandom(8);
        int tokens = 64;
        int length = 256;
        float[] x = new float[tokens * length];
        for (int i = 0; i < x.length; i++) {
            x[i] =
                    switch (i / length % 8) {
                        case 0 ->
                                random.nextInt(-127, 128)
                                        + (random.nextBoolean()
                                                ? 0.5f
                                                : 0); // d is 1 where 127 occurs
                        case 1 -> Float.float16ToFloat((short) random.nextInt(65536));
                        case 2 -> half(random) + half(random) / 4096; // between halves
                        case 3 -> (float) random.nextDouble(-1, 1) * 0x1p-14f;
                        case 4 -> (float) random.nextDouble(-1, 1) * 0x1p-24f;
                        case 5 -> (float) random.nextDouble(-1, 1) * 70000;
                        case 6 -> i / 32 % 3 == 0 ? 0 : (float) random.nextDouble(-1, 1) * 1e30f;
                        default ->
                                random.nextInt(40) == 0
                                        ? random.nextInt(2) == 0
                                                ? Float.NaN
                                                : Float.POSITIVE_INFINITY
                                        : (float) random.nextDouble(-1, 1);
                    };
            if (i / length % 8 == 0 && i % 32 == 0) {
                x[i] = 127;
            }
        }
        var shape = new Shape(type, 1, 1, length, length, 1);
        var timeline = new Timeline(shape, tokens);
        long[] caches = new long[tokens];
        Arrays.fill(caches, timeline.table.address());
        int[] positions = new int[tokens];
        Arrays.setAll(positions, i -> i);
        append(shape, rig.longs(caches), rig.ints(positions), tokens, x, x);
        MemorySegment block = rig.bytes(timeline.blocks[0]);
        MemorySegment expected = MemorySegment.ofArray(new byte[tokens * shape.keyBytes()]);
        type.format().encode(x, 0, expected, 0, x.length);
        for (int t = 0; t < tokens; t++) {
            assertThat(
                            block.asSlice(
                                            shape.keyOffset() + (long) t * shape.keyBytes(),
                                            shape.keyBytes())
                                    .toArray(ValueLayout.JAVA_BYTE))
                    .as("%s, numbers of kind %d", type, t % 8)
                    .isEqualTo(
                            expected.asSlice((long) t * shape.keyBytes(), shape.keyBytes())
                                    .toArray(ValueLayout.JAVA_BYTE));
        }
    }

    private static float half(SplittableRandom random) {
        return Float.float16ToFloat((short) (random.nextInt(65536) & 0xBFFF));
    }

    // ---- attention

    @ParameterizedTest
    @MethodSource("shapes")
    void attentionIsTheSoftmaxOverWhatATokenSees(Shape shape) {
        var random = new SplittableRandom(9);
        int history = 600;
        // Tokens of two timelines; most see only a part of what is stored.
        int[] positions = {0, 1, 5, 127, 128, 129, 255, 256, 300, 511, 512, 599};
        int tokens = positions.length;
        Timeline[] timelines = {new Timeline(shape, history), new Timeline(shape, history)};
        float[][] keys = new float[2][];
        float[][] values = new float[2][];
        for (int i = 0; i < 2; i++) {
            keys[i] = Rig.random(history * shape.kvHeads * shape.keyLength, random);
            values[i] = Rig.random(history * shape.kvHeads * shape.valueLength, random);
            long[] caches = new long[history];
            Arrays.fill(caches, timelines[i].table.address());
            int[] all = new int[history];
            Arrays.setAll(all, p -> p);
            append(shape, rig.longs(caches), rig.ints(all), history, keys[i], values[i]);
            keys[i] = stored(shape.type.format(), keys[i]);
            values[i] = stored(shape.type.format(), values[i]);
        }
        float[] q = Rig.random(tokens * shape.heads * shape.keyLength, random);
        long[] caches = new long[tokens];
        Arrays.setAll(caches, t -> timelines[t % 2].table.address());
        Rig.Memory out = rig.room(tokens * shape.heads * shape.valueLength);
        rig.kernel("attention", shape.type.format().type().id())
                .with(out, rig.floats(q), rig.longs(caches), rig.ints(positions))
                .offset(shape.keyOffset())
                .offset(shape.valueOffset())
                .words(shape.heads, shape.kvHeads, shape.keyLength, shape.valueLength)
                .real(shape.scale)
                .run(shape.heads, tokens);
        float[] actual = rig.floats(out);
        for (int t = 0; t < tokens; t++) {
            for (int h = 0; h < shape.heads; h++) {
                double[] expected =
                        attend(shape, q, t, h, positions[t], keys[t % 2], values[t % 2]);
                for (int i = 0; i < shape.valueLength; i++) {
                    double error =
                            Math.abs(
                                    actual[(t * shape.heads + h) * shape.valueLength + i]
                                            - expected[i]);
                    Errors.note("attention " + shape.type, error);
                    assertThat(error)
                            .as("%s token %d head %d value %d", shape, t, h, i)
                            .isLessThan(2e-6);
                }
            }
        }
    }

    private static double[] attend(
            Shape shape, float[] q, int t, int h, int position, float[] keys, float[] values) {
        int kvHead = h * shape.kvHeads / shape.heads;
        double[] scores = new double[position + 1];
        double largest = Double.NEGATIVE_INFINITY;
        for (int p = 0; p <= position; p++) {
            scores[p] =
                    shape.scale
                            * Rig.dot(
                                    q,
                                    (t * shape.heads + h) * shape.keyLength,
                                    keys,
                                    (p * shape.kvHeads + kvHead) * shape.keyLength,
                                    shape.keyLength);
            largest = Math.max(largest, scores[p]);
        }
        double sum = 0;
        double[] result = new double[shape.valueLength];
        for (int p = 0; p <= position; p++) {
            double weight = Math.exp(scores[p] - largest);
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

    private static float[] stored(EncodableFormat format, float[] values) {
        MemorySegment data = MemorySegment.ofArray(new byte[(int) format.byteSize(values.length)]);
        format.encode(values, 0, data, 0, values.length);
        return Rig.decode(format, data, values.length);
    }
}
