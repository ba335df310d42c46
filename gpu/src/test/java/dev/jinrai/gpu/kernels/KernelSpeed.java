package dev.jinrai.gpu.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.jinrai.format.Format;
import dev.jinrai.gpu.GpuDevice;
import dev.jinrai.gpu.GpuKernel;
import dev.jinrai.gpu.GpuMemory;
import dev.jinrai.gpu.GpuRecorder;
import dev.jinrai.gpu.GpuStep;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.function.IntFunction;

/// How fast the kernels that matter are, on the device of this machine: bytes of weights (or of keys and values) a second for
/// products with few tokens and for attention, operations a second for products with many. What they compute is tested elsewhere.
///
/// `KernelSpeed [ROWS COLUMNS [MIB]]`: matrices of this shape, 4096 × 4096 unless said, of which as many as fit into so many MiB
/// (1024 unless said) take turns, so that no cache holds them.
@SuppressWarnings("NarrowCalculation") // sizes below 2³¹
final class KernelSpeed {
    private static final int ROUNDS = 5;
    private static final int DISPATCHES = 32;

    private final GpuDevice device;
    private final int rows;
    private final int columns;
    private final GpuMemory weights;
    private final GpuMemory x;
    private final GpuMemory out;

    private KernelSpeed(GpuDevice device, int rows, int columns, long bytes) {
        this.device = device;
        this.rows = rows;
        this.columns = columns;
        weights = device.allocate(bytes, GpuMemory.Kind.DEVICE);
        x = device.allocate(512L * columns * Float.BYTES, GpuMemory.Kind.DEVICE);
        out = device.allocate(512L * rows * Float.BYTES, GpuMemory.Kind.DEVICE);
        fill(weights);
        fill(x);
    }

    public static void main(String... args) {
        int rows = args.length > 1 ? Integer.parseInt(args[0]) : 4096;
        int columns = args.length > 1 ? Integer.parseInt(args[1]) : 4096;
        long mib = args.length > 2 ? Long.parseLong(args[2]) : 1024;
        try (GpuDevice device = Devices.open()) {
            System.out.println(device.info());
            var speed = new KernelSpeed(device, rows, columns, mib << 20);
            for (Format format : Rig.formats().toList()) {
                for (int rowsAGroup : new int[] {1, 2, 4, 8}) {
                    speed.matvec(format, rowsAGroup, 1);
                }
                speed.matvec(format, 4, 8);
                speed.matmul(format);
            }
            for (int context : new int[] {512, 4096, 32768}) {
                speed.attention(context, 1);
            }
            speed.attention(512, 512);
        }
    }

    /// Small numbers, whatever they are read as.
    private void fill(GpuMemory memory) {
        byte[] random = new byte[1 << 20];
        new SplittableRandom(1).nextBytes(random);
        for (int i = 1; i < random.length; i += 2) {
            random[i] &= 0x3B;
        }
        try (GpuMemory staging = device.allocate(random.length, GpuMemory.Kind.UPLOAD)) {
            staging.host().copyFrom(MemorySegment.ofArray(random));
            GpuRecorder recorder = device.record();
            for (long at = 0; at < memory.size(); at += random.length) {
                recorder.copy(staging, 0, memory, at, Math.min(random.length, memory.size() - at));
            }
            once(recorder);
        }
    }

    private void matvec(Format format, int rowsAGroup, int tokens) {
        GpuKernel kernel = device.kernel("matvec", format.type().id(), rowsAGroup, tokens);
        long bytes = format.byteSize((long) rows * columns);
        double seconds =
                time(
                        kernel,
                        Math.min(65535, Math.ceilDiv(rows, rowsAGroup)),
                        1,
                        i -> product(tokens, slice(i, bytes)));
        report(
                "matvec %s, %d tokens, %d rows a group"
                        .formatted(format.type(), tokens, rowsAGroup),
                bytes / seconds / 1e9,
                "GB/s");
    }

    private void matmul(Format format) {
        GpuKernel kernel = device.kernel("matmul", format.type().id());
        long bytes = format.byteSize((long) rows * columns);
        double seconds =
                time(kernel, Math.ceilDiv(rows, 64), 512 / 64, i -> product(512, slice(i, bytes)));
        report(
                "matmul %s, 512 tokens".formatted(format.type()),
                2.0 * rows * columns * 512 / seconds / 1e9,
                "GFLOP/s");
    }

    private int slice(int i, long bytes) {
        return (int) (i % Math.max(1, weights.size() / bytes));
    }

    private MemorySegment product(int tokens, int slice) {
        MemorySegment arguments = addresses(out.address(), weights.address(), x.address());
        return words(arguments, 24, rows, columns, tokens, slice);
    }

    /// Heads as those of an 8B model: 32 of 128 values, which share 8; the cache is f16.
    private void attention(int context, int tokens) {
        int heads = 32;
        int kvHeads = 8;
        int length = 128;
        int blocks = Math.ceilDiv(context, 256);
        long half = 256L * kvHeads * length * 2;
        if (blocks * 2 * half > weights.size()) {
            return;
        }
        long[] table = new long[blocks];
        for (int b = 0; b < blocks; b++) {
            table[b] = weights.address() + b * 2 * half;
        }
        long[] caches = new long[tokens];
        int[] positions = new int[tokens];
        try (GpuMemory tables = upload(MemorySegment.ofArray(table))) {
            for (int t = 0; t < tokens; t++) {
                caches[t] = tables.address();
                positions[t] = context - tokens + t;
            }
            try (GpuMemory of = upload(MemorySegment.ofArray(caches));
                    GpuMemory at = upload(MemorySegment.ofArray(positions))) {
                GpuKernel kernel = device.kernel("attention", 1);
                double seconds =
                        time(
                                kernel,
                                heads,
                                tokens,
                                i -> {
                                    MemorySegment arguments =
                                            addresses(
                                                    out.address(),
                                                    x.address(),
                                                    of.address(),
                                                    at.address(),
                                                    0,
                                                    half);
                                    words(arguments, 48, heads, kvHeads, length, length);
                                    arguments.set(JAVA_FLOAT_UNALIGNED, 64, 0.088f);
                                    return arguments.asSlice(0, 68);
                                });
                report(
                        "attention of %d tokens over %d positions".formatted(tokens, context),
                        seconds * 1e6,
                        "us");
            }
        }
    }

    private static MemorySegment addresses(long... values) {
        MemorySegment arguments = Arena.ofAuto().allocate(GpuDevice.MAX_ARGUMENTS, 8);
        for (int i = 0; i < values.length; i++) {
            arguments.set(JAVA_LONG_UNALIGNED, 8L * i, values[i]);
        }
        return arguments;
    }

    private static MemorySegment words(MemorySegment arguments, long at, int... values) {
        for (int i = 0; i < values.length; i++) {
            arguments.set(JAVA_INT_UNALIGNED, at + 4L * i, values[i]);
        }
        return arguments.asSlice(0, at + 4L * values.length);
    }

    private GpuMemory upload(MemorySegment data) {
        GpuMemory memory = device.allocate(data.byteSize(), GpuMemory.Kind.UPLOAD);
        memory.host().copyFrom(data);
        return memory;
    }

    /// {@return the seconds of one dispatch: the best round of some, each of many dispatches, one after the other}
    private double time(GpuKernel kernel, int x, int y, IntFunction<MemorySegment> arguments) {
        GpuRecorder recorder = device.record();
        for (int i = 0; i < DISPATCHES; i++) {
            recorder.dispatch(kernel, x, y, 1, arguments.apply(i));
            recorder.barrier();
        }
        double best = Double.MAX_VALUE;
        try (GpuStep step = recorder.end()) {
            for (int round = 0; round <= ROUNDS; round++) {
                long start = System.nanoTime();
                device.submit(step);
                device.await();
                best = Math.min(best, (System.nanoTime() - start) / 1e9);
            }
        }
        return best / DISPATCHES;
    }

    private void once(GpuRecorder recorder) {
        try (GpuStep step = recorder.end()) {
            device.submit(step);
            device.await();
        }
    }

    private static void report(String what, double value, String unit) {
        System.out.printf("%-50s %10.1f %s%n", what, value, unit);
    }
}
