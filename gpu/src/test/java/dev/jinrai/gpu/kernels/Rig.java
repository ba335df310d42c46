package dev.jinrai.gpu.kernels;

import static dev.jinrai.format.GgmlType.BF16;
import static dev.jinrai.format.GgmlType.F16;
import static dev.jinrai.format.GgmlType.F32;
import static dev.jinrai.format.GgmlType.Q4_0;
import static dev.jinrai.format.GgmlType.Q4_K;
import static dev.jinrai.format.GgmlType.Q5_K;
import static dev.jinrai.format.GgmlType.Q6_K;
import static dev.jinrai.format.GgmlType.Q8_0;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.format.EncodableFormat;
import dev.jinrai.format.Format;
import dev.jinrai.format.Formats;
import dev.jinrai.gpu.CodedFormats;
import dev.jinrai.gpu.GpuDevice;
import dev.jinrai.gpu.GpuMemory;
import dev.jinrai.gpu.GpuRecorder;
import dev.jinrai.gpu.GpuStep;
import dev.jinrai.testing.RandomTensors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Runs single kernels: puts numbers into a device's memory, dispatches, takes numbers out.
///
/// Every memory lies between guards, which have to be what they were when the rig is closed.
final class Rig implements AutoCloseable {
    private static final int GUARD = 256;
    private static final byte PATTERN = 0x5A;

    /// A stretch of memory between two guards.
    record Memory(GpuMemory all, long bytes) {
        long address() {
            return all.address() + GUARD;
        }
    }

    /// Added to a format's number where rows are repacked.
    private static final int REPACKED = 256;

    private final GpuDevice device;
    private final List<Memory> memories = new ArrayList<>();

    private @Nullable Memory codebooks;

    Rig(GpuDevice device) {
        this.device = device;
    }

    // ---- memory

    Memory bytes(MemorySegment data) {
        long bytes = data.byteSize();
        long rounded = (bytes + 255) / 256 * 256;
        Memory memory =
                new Memory(device.allocate(rounded + 2 * GUARD, GpuMemory.Kind.DEVICE), bytes);
        try (GpuMemory staging = device.allocate(memory.all.size(), GpuMemory.Kind.UPLOAD)) {
            staging.host().fill(PATTERN);
            MemorySegment.copy(data, 0, staging.host(), GUARD, bytes);
            now(r -> r.copy(staging, 0, memory.all, 0, rounded + 2 * GUARD));
        }
        memories.add(memory);
        return memory;
    }

    Memory floats(float... values) {
        return bytes(MemorySegment.ofArray(values));
    }

    Memory ints(int... values) {
        return bytes(MemorySegment.ofArray(values));
    }

    Memory longs(long... values) {
        return bytes(MemorySegment.ofArray(values));
    }

    /// Room for `count` numbers, which no kernel may read before it writes them: all NaN.
    Memory room(int count) {
        int[] nan = new int[count];
        java.util.Arrays.fill(nan, 0x7FC0_1234);
        return ints(nan);
    }

    float[] floats(Memory memory) {
        return fetch(memory).asSlice(GUARD, memory.bytes).toArray(ValueLayout.JAVA_FLOAT);
    }

    int[] ints(Memory memory) {
        return fetch(memory).asSlice(GUARD, memory.bytes).toArray(ValueLayout.JAVA_INT);
    }

    MemorySegment bytes(Memory memory) {
        return fetch(memory).asSlice(GUARD, memory.bytes);
    }

    private MemorySegment fetch(Memory memory) {
        long size = GUARD + memory.bytes + GUARD;
        try (GpuMemory readback = device.allocate(memory.all.size(), GpuMemory.Kind.READBACK)) {
            long whole = (size + 3) / 4 * 4;
            now(r -> {
                r.barrier();
                r.copy(memory.all, 0, readback, 0, whole);
                r.barrier();
            });
            MemorySegment copy = Arena.ofAuto().allocate(size, 8);
            copy.copyFrom(readback.host().asSlice(0, size));
            return copy;
        }
    }

    private void now(Consumer<GpuRecorder> commands) {
        GpuRecorder recorder = device.record();
        recorder.barrier();
        commands.accept(recorder);
        recorder.barrier();
        GpuStep step = recorder.end();
        device.submit(step);
        device.await();
        step.close();
    }

    // ---- kernels

    /// A kernel with its constants, ready for [#run].
    Call kernel(String name, int... constants) {
        return new Call(name, constants);
    }

    /// The variant of a kernel for a format, whose number is its first constant.
    ///
    /// @param repacked whether rows lie as `repack` leaves them
    Call kernel(String name, Format format, boolean repacked, int... more) {
        int[] constants = new int[1 + more.length];
        constants[0] = format.type().id() + (repacked ? REPACKED : 0);
        System.arraycopy(more, 0, constants, 1, more.length);
        return new Call(CodedFormats.kernel(name, format), constants);
    }

    Call kernel(String name, Format format, int... more) {
        return kernel(name, format, false, more);
    }

    /// {@return where the codebooks lie, if a format needs them}
    private long codebooks(Format format) {
        if (!CodedFormats.haveCodebook(format)) {
            return 0;
        }
        if (codebooks == null) {
            codebooks = bytes(MemorySegment.ofArray(CodedFormats.codebooks()));
        }
        return codebooks.address();
    }

    /// A dispatch in the making: arguments in the order of the kernel's push constants. Each kind has a name of its own, so
    /// that no number takes more room than it should.
    final class Call {
        private final String name;
        private final int[] constants;
        private final MemorySegment arguments = Arena.ofAuto().allocate(GpuDevice.MAX_ARGUMENTS, 8);
        private long size;

        private Call(String name, int... constants) {
            this.name = name;
            this.constants = constants;
        }

        Call with(Memory... addresses) {
            for (Memory memory : addresses) {
                offset(memory.address());
            }
            return this;
        }

        /// The codebooks, if `format` needs them.
        Call codebooks(Format format) {
            return offset(Rig.this.codebooks(format));
        }

        Call offset(long value) {
            arguments.set(ValueLayout.JAVA_LONG_UNALIGNED, size, value);
            size += Long.BYTES;
            return this;
        }

        Call words(int... values) {
            for (int value : values) {
                arguments.set(ValueLayout.JAVA_INT_UNALIGNED, size, value);
                size += Integer.BYTES;
            }
            return this;
        }

        Call real(float value) {
            return words(Float.floatToRawIntBits(value));
        }

        void run(int x, int y) {
            var kernel = device.kernel(name, constants);
            now(r -> r.dispatch(kernel, x, y, 1, arguments.asSlice(0, size)));
        }

        void run(int x) {
            run(x, 1);
        }
    }

    // ---- numbers

    /// {@return `count` numbers drawn from [−1, 1)}
    static float[] random(int count, SplittableRandom random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }

    /// {@return rows of random weights, encoded, of which no two neighbouring stretches are of one size; random blocks where nothing
    /// encodes a format}
    static MemorySegment weights(Format format, int rows, int columns, SplittableRandom random) {
        if (!(format instanceof EncodableFormat encodable)) {
            return RandomTensors.of(format, 1, rows, columns, random).data();
        }
        MemorySegment data =
                MemorySegment.ofArray(
                        new byte[Math.toIntExact(format.byteSize((long) rows * columns))]);
        for (int r = 0; r < rows; r++) {
            float[] row = random(columns, random);
            for (int c = 0; c < columns; c++) {
                row[c] *= (1 + r % 3) * (1 + c / 16 % 5);
            }
            encodable.encode(row, 0, data, r * format.byteSize(columns), columns);
        }
        return data;
    }

    static float[] decode(Format format, MemorySegment data, int count) {
        float[] values = new float[count];
        format.decode(data, 0, values, 0, count);
        return values;
    }

    /// {@return those the device has kernels for}
    static Stream<Format> formats() {
        return Stream.of(F32, F16, Q4_0, Q8_0, Q4_K, Q5_K, Q6_K, BF16).map(Formats::of);
    }

    /// What rounding errors of random sign add up to in a sum of `n` products: `2 · √n · ε · ‖w⊙x‖₂`.
    static double dotBound(float[] w, int wAt, float[] x, int xAt, int n) {
        double squares = 0;
        for (int i = 0; i < n; i++) {
            double product = (double) w[wAt + i] * x[xAt + i];
            squares += product * product;
        }
        return 2 * Math.sqrt(n) * Math.ulp(1f) * Math.sqrt(squares) + 1e-30;
    }

    static double dot(float[] w, int wAt, float[] x, int xAt, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += (double) w[wAt + i] * x[xAt + i];
        }
        return sum;
    }

    @Override
    public void close() {
        for (Memory memory : memories) {
            MemorySegment content = fetch(memory);
            for (int i = 0; i < GUARD; i++) {
                assertThat(content.get(ValueLayout.JAVA_BYTE, i)).as("guard").isEqualTo(PATTERN);
                assertThat(content.get(ValueLayout.JAVA_BYTE, GUARD + memory.bytes + i))
                        .as("guard")
                        .isEqualTo(PATTERN);
            }
            memory.all.close();
        }
    }
}
