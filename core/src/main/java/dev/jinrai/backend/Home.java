package dev.jinrai.backend;

/// Where a model's weights are brought to: a backend, or the part of one that runs a layer.
public interface Home {
    /// Makes a weight resident. May keep a reference to the tensor's memory instead of copying it,
    /// so the file has to stay open.
    ///
    /// @throws DeviceMemoryException if a device has no memory for it
    Weight upload(Tensor tensor);

    /// {@return the home of the weights of block `layer`, counted from 0}
    ///
    /// A backend that runs all of a model is the home of all of it. What is in no block (embedding, output) is uploaded
    /// to the backend itself.
    default Home layer(int layer) {
        return this;
    }
}
