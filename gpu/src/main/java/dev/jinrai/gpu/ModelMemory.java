package dev.jinrai.gpu;

import dev.jinrai.backend.Rope;
import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.Weight;
import dev.jinrai.format.BF16;
import dev.jinrai.format.F16;
import dev.jinrai.format.F32;
import dev.jinrai.format.Format;
import dev.jinrai.format.IQ1_M;
import dev.jinrai.format.IQ1_S;
import dev.jinrai.format.IQ2_S;
import dev.jinrai.format.IQ2_XS;
import dev.jinrai.format.IQ2_XXS;
import dev.jinrai.format.IQ3_S;
import dev.jinrai.format.IQ3_XXS;
import dev.jinrai.format.IQ4_NL;
import dev.jinrai.format.IQ4_XS;
import dev.jinrai.format.MXFP4;
import dev.jinrai.format.NVFP4;
import dev.jinrai.format.Q1_0;
import dev.jinrai.format.Q2_0;
import dev.jinrai.format.Q2_K;
import dev.jinrai.format.Q3_K;
import dev.jinrai.format.Q4_0;
import dev.jinrai.format.Q4_1;
import dev.jinrai.format.Q4_K;
import dev.jinrai.format.Q5_0;
import dev.jinrai.format.Q5_1;
import dev.jinrai.format.Q5_K;
import dev.jinrai.format.Q6_K;
import dev.jinrai.format.Q8_0;
import dev.jinrai.format.Q8_K;
import dev.jinrai.format.TQ1_0;
import dev.jinrai.format.TQ2_0;
import dev.jinrai.format.UnsupportedFormatException;
import java.util.IdentityHashMap;
import java.util.Optional;

/// What of a model lies on the device for good: its weights, and the numbers kernels need as f32.
final class ModelMemory {
    private final GpuDevice device;
    private final Holdings holdings;
    private final Recording recording;
    private final Transfers transfers;
    private final IdentityHashMap<Rope, GpuMemory> frequencies = new IdentityHashMap<>();
    private final IdentityHashMap<GpuWeight, GpuMemory> vectors = new IdentityHashMap<>();

    ModelMemory(GpuDevice device, Holdings holdings, Recording recording, Transfers transfers) {
        this.device = device;
        this.holdings = holdings;
        this.recording = recording;
        this.transfers = transfers;
    }

    // ---- weights

    /// Brings a weight to the device.
    ///
    /// @param packed whether packed products will read it, which want blocks of some formats in another order
    ///
    /// @throws UnsupportedFormatException if there are no kernels for its format
    GpuWeight upload(Tensor tensor, boolean packed) {
        if (!hasKernels(tensor.format())) {
            throw new UnsupportedFormatException(
                    "%s: the GPU backend has no kernels for %s"
                            .formatted(tensor.name(), tensor.format().type()));
        }
        if (packed && hasRepackedRows(tensor.format())) {
            return new GpuWeight(tensor, repacked(tensor), true);
        }
        return new GpuWeight(tensor, shared(tensor).orElseGet(() -> copied(tensor)), false);
    }

    /// {@return the weight where its file lies in memory that host and device share}
    private Optional<GpuMemory> shared(Tensor tensor) {
        Optional<GpuMemory> memory = device.share(tensor.data());
        memory.ifPresent(m -> {
            tensor.data().load(); // now, in order, and not when kernels touch it
            holdings.hold(m);
        });
        return memory;
    }

    private GpuMemory copied(Tensor tensor) {
        GpuMemory memory = holdings.take(tensor.data().byteSize(), GpuMemory.Kind.DEVICE);
        transfers.bring(tensor.data(), memory);
        return memory;
    }

    /// {@return whether the device can multiply with weights of a format}
    static boolean hasKernels(Format format) {
        return switch (format) {
            case F32 _, F16 _, BF16 _, Q4_0 _, Q8_0 _, Q4_K _, Q5_K _, Q6_K _ -> true;
            case Q4_1 _,
                    Q5_0 _,
                    Q5_1 _,
                    Q2_K _,
                    Q3_K _,
                    IQ4_NL _,
                    MXFP4 _,
                    Q8_K _,
                    IQ1_S _,
                    IQ1_M _,
                    IQ2_XXS _,
                    IQ2_XS _,
                    IQ2_S _,
                    IQ3_XXS _,
                    IQ3_S _,
                    IQ4_XS _,
                    TQ1_0 _,
                    TQ2_0 _,
                    NVFP4 _,
                    Q1_0 _,
                    Q2_0 _ ->
                    false;
        };
    }

    /// {@return whether blocks are not multiples of 16 bytes, in which packed products read}
    private static boolean hasRepackedRows(Format format) {
        return switch (format) {
            case Q4_0 _, Q8_0 _, Q6_K _ -> true;
            case F32 _, F16 _, BF16 _, Q4_K _, Q5_K _ -> false;
            case Q4_1 _,
                    Q5_0 _,
                    Q5_1 _,
                    Q2_K _,
                    Q3_K _,
                    IQ4_NL _,
                    MXFP4 _,
                    Q8_K _,
                    IQ1_S _,
                    IQ1_M _,
                    IQ2_XXS _,
                    IQ2_XS _,
                    IQ2_S _,
                    IQ3_XXS _,
                    IQ3_S _,
                    IQ4_XS _,
                    TQ1_0 _,
                    TQ2_0 _,
                    NVFP4 _,
                    Q1_0 _,
                    Q2_0 _ ->
                    false;
        };
    }

    /// {@return the rows as `repack` leaves them}
    private GpuMemory repacked(Tensor tensor) {
        long bytes = tensor.format().byteSize(tensor.columns());
        long pitch = Math.ceilDiv(bytes, 16) * 16;
        int rows = tensor.slices() * tensor.rows();
        GpuMemory memory = holdings.take(rows * pitch, GpuMemory.Kind.DEVICE);
        GpuMemory staging = transfers.staging();
        int most = Math.toIntExact(Transfers.STAGING / bytes);
        recording.finish();
        for (int first = 0; first < rows; first += most) {
            int count = Math.min(most, rows - first);
            staging.host()
                    .asSlice(0, count * bytes)
                    .copyFrom(tensor.data().asSlice(first * bytes, count * bytes));
            recording
                    .start()
                    .add(memory.address() + first * pitch)
                    .add(staging.address())
                    .add(count)
                    .add(tensor.columns());
            int format = tensor.format().type().id();
            recording.dispatch(
                    device.kernel("repack", format), Math.min(GpuBackend.MOST_GROUPS, count), 1);
            recording.finish();
        }
        return memory;
    }

    // ---- numbers as f32

    /// {@return where the values of a vector lie as f32}
    long vector(Weight weight) {
        GpuWeight w = (GpuWeight) weight;
        if (w.tensor().format() instanceof F32) {
            return w.memory().address();
        }
        return vectors.computeIfAbsent(w, this::decoded).address();
    }

    private GpuMemory decoded(GpuWeight w) {
        float[] values = new float[w.columns()];
        w.tensor().format().decode(w.tensor().data(), 0, values, 0, values.length);
        return transfers.constant(values);
    }

    /// {@return the frequencies of a rotation, each the sum of two floats: positions reach far enough to need more than one}
    GpuMemory frequencies(Rope rope) {
        return frequencies.computeIfAbsent(rope, this::frequenciesOf);
    }

    private GpuMemory frequenciesOf(Rope rope) {
        int n = rope.pairs();
        float[] values = new float[2 * n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) rope.frequency(i);
            values[n + i] = (float) (rope.frequency(i) - values[i]);
        }
        return transfers.constant(values);
    }
}
