package dev.jinrai.bench;

import dev.jinrai.Cores;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendOptions;
import dev.jinrai.backend.Backends;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Tensor;
import dev.jinrai.format.EncodableFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/// What verbs are applied to, and the comparison of their answers.
final class Operands {
    /// Rows that are encoded; a tensor repeats them. A prime number, so that no two panels of rows are alike.
    private static final int DISTINCT_ROWS = 61;

    private Operands() {}

    /// Opens a backend.
    ///
    /// @param threads 0 for one per physical core
    static Backend open(String name, int threads) {
        int count = threads == 0 ? Cores.physical() : threads;
        return Backends.named(name).open(new BackendOptions(count));
    }

    /// {@return a matrix of weights drawn from [−1, 1), encoded}
    static Tensor tensor(
            EncodableFormat format, int rows, int columns, Arena arena, SplittableRandom random) {
        long rowBytes = format.byteSize(columns);
        MemorySegment distinct = MemorySegment.ofArray(new byte[(int) (DISTINCT_ROWS * rowBytes)]);
        for (int r = 0; r < DISTINCT_ROWS; r++) {
            format.encode(values(columns, random), 0, distinct, r * rowBytes, columns);
        }
        MemorySegment data = arena.allocate(rows * rowBytes, 64);
        for (int r = 0; r < rows; r++) {
            MemorySegment.copy(
                    distinct, r % DISTINCT_ROWS * rowBytes, data, r * rowBytes, rowBytes);
        }
        return new Tensor(format.type().name(), format, 1, rows, columns, data);
    }

    /// {@return rows `from … from + count - 1` of a matrix, as a matrix}
    static Tensor rows(Tensor tensor, int from, int count) {
        return new Tensor(
                tensor.name(),
                tensor.format(),
                1,
                count,
                tensor.columns(),
                tensor.data().asSlice(tensor.offset(0, from), count * tensor.rowBytes()));
    }

    /// {@return `count` numbers drawn from [−1, 1)}
    static float[] values(int count, SplittableRandom random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }

    static Buffer buffer(Backend backend, float[] values, int rows) {
        Buffer buffer = backend.allocate(rows, values.length / rows);
        backend.write(buffer, values);
        return buffer;
    }

    static float[] read(Backend backend, Buffer buffer) {
        float[] values = new float[buffer.rows() * buffer.columns()];
        backend.read(buffer, values, 0);
        return values;
    }

    /// Fails unless the squared error is at most `bound` of the squared size.
    static void check(String what, float[] actual, float[] expected, double bound) {
        double error = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = actual[i] - expected[i];
            error += difference * difference;
            size += (double) expected[i] * expected[i];
        }
        if (actual.length != expected.length || !(error <= bound * size) || size == 0) {
            throw new IllegalStateException(
                    "%s: wanted an NMSE of at most %s, got %s"
                            .formatted(what, bound, error / size));
        }
    }
}
