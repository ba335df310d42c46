package dev.jinrai.gpu;

import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.Weight;

/// A weight on a device, still quantized.
///
/// @param tensor the same in the file
/// @param memory the same on the device
/// @param repacked whether its rows lie as `repack` leaves them, and not as in the file
record GpuWeight(Tensor tensor, GpuMemory memory, boolean repacked) implements Weight {
    /// Added to a format's number where rows are repacked.
    private static final int REPACKED = 256;

    @Override
    public String name() {
        return tensor.name();
    }

    @Override
    public int slices() {
        return tensor.slices();
    }

    @Override
    public int rows() {
        return tensor.rows();
    }

    @Override
    public int columns() {
        return tensor.columns();
    }

    /// {@return the variant of the kernel `name` that multiplies with it}
    String kernel(String name) {
        return CodedFormats.kernel(name, tensor.format());
    }

    /// {@return the number by which kernels know the format and how rows lie}
    int format() {
        return tensor.format().type().id() + (repacked ? REPACKED : 0);
    }
}
