package dev.jinrai.gpu;

import dev.jinrai.backend.Rope;
import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.Weight;
import dev.jinrai.format.F32;
import dev.jinrai.format.Format;
import dev.jinrai.format.Q4_0;
import dev.jinrai.format.Q6_K;
import dev.jinrai.format.Q8_0;
import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What of a model lies on the device for good: its weights, and the numbers kernels need as f32.
final class ModelMemory {
    private final GpuDevice device;
    private final Holdings holdings;
    private final Recording recording;
    private final Transfers transfers;
    private final IdentityHashMap<Rope, GpuMemory> frequencies = new IdentityHashMap<>();
    private final IdentityHashMap<GpuWeight, GpuMemory> vectors = new IdentityHashMap<>();

    /// [CodedFormats#codebooks], from the first weight on that needs them.
    private @Nullable GpuMemory codebooks;

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
    GpuWeight upload(Tensor tensor, boolean packed) {
        if (codebooks == null && CodedFormats.haveCodebook(tensor.format())) {
            byte[] bytes = CodedFormats.codebooks();
            codebooks = holdings.take(bytes.length, GpuMemory.Kind.DEVICE);
            transfers.bring(MemorySegment.ofArray(bytes), codebooks);
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

    /// {@return whether blocks are not multiples of 16 bytes, in which packed products read}
    private static boolean hasRepackedRows(Format format) {
        return format instanceof Q4_0 || format instanceof Q8_0 || format instanceof Q6_K;
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

    /// {@return where [CodedFormats#codebooks] lie, 0 if no weight needs them}
    long codebooks() {
        return codebooks == null ? 0L : codebooks.address();
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
