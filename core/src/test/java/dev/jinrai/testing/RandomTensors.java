package dev.jinrai.testing;

import dev.jinrai.backend.Tensor;
import dev.jinrai.format.EncodableFormat;
import dev.jinrai.format.Format;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/// Weights for tests: random ones in any format, or the very numbers asked for in F32.
public final class RandomTensors {
    private RandomTensors() {}

    /// {@return weights drawn from [−1, 1), encoded, or blocks drawn where nothing encodes them}
    public static Tensor of(
            Format format, int slices, int rows, int columns, SplittableRandom random) {
        long bytes = format.byteSize((long) columns * rows * slices);
        MemorySegment data = MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
        float[] row = new float[columns];
        for (int r = 0; r < rows * slices; r++) {
            // Rows and stretches of a row differ in size, so that no scale is like another.
            for (int c = 0; c < columns; c++) {
                row[c] = (float) (random.nextDouble(-1, 1) * (1 + r % 3) * (1 + c / 32 % 4));
            }
            long at = r * format.byteSize(columns);
            if (format instanceof EncodableFormat encodable) {
                encodable.encode(row, 0, data, at, columns);
            } else {
                RandomBlocks.fill(format, data, at, columns, random);
            }
        }
        return new Tensor(
                "%s %d×%d×%d".formatted(format.type(), slices, rows, columns),
                format,
                slices,
                rows,
                columns,
                data);
    }

    /// {@return the weights as f32, decoded by the definition}
    public static float[] decode(Tensor tensor) {
        int count = tensor.slices() * tensor.rows() * tensor.columns();
        float[] values = new float[count];
        tensor.format().decode(tensor.data(), 0, values, 0, count);
        return values;
    }

    /// {@return `count` numbers drawn from [−1, 1)}
    public static float[] values(int count, SplittableRandom random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }
}
