/// The GPU backend: the transformer's verbs as kernels on a device.
///
/// Weights lie on the device as quantized as the file has them; activations and caches never leave it; a pass is recorded once for
/// a shape of batch and replayed, one of a single token in few commands ([Fusion]).
///
/// **The one rule: a driver is behind [GpuDevice].** What is above it knows addresses, kernels and steps, and no programming
/// interface; what is below it ([dev.jinrai.gpu.vulkan]) knows no transformer.
///
/// Start reading at [GpuDevice].
@NullMarked
package dev.jinrai.gpu;

import org.jspecify.annotations.NullMarked;
