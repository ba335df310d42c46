package dev.jinrai.backend;

/// A weight that is used where its file lies in memory: the weights of the backends that run on the
/// CPU.
public interface TensorWeight extends Weight {
    /// {@return the tensor in the file}
    Tensor tensor();

    @Override
    default String name() {
        return tensor().name();
    }

    @Override
    default int slices() {
        return tensor().slices();
    }

    @Override
    default int rows() {
        return tensor().rows();
    }

    @Override
    default int columns() {
        return tensor().columns();
    }
}
