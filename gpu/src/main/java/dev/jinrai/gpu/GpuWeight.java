package dev.jinrai.gpu;

import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.Weight;

/// A weight that lies on a device as it lies in its file, still quantized.
///
/// @param tensor the same in the file
/// @param memory the same on the device
record GpuWeight(Tensor tensor, GpuMemory memory) implements Weight {
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

    /// {@return the number by which kernels know the format}
    int format() {
        return tensor.format().type().id();
    }
}
