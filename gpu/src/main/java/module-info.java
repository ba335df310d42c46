/// The GPU backend: kernels in GLSL, run through Vulkan on the GPUs of every vendor.
///
/// Start reading at `dev.jinrai.gpu.GpuDevice`, the seam between the backend and a driver. An application gives the JVM
/// `--enable-native-access=org.lwjgl,dev.jinrai.gpu`, and on a Mac `--add-modules org.lwjgl.vulkan.natives`.
module dev.jinrai.gpu {
    requires transitive dev.jinrai.core;
    requires static transitive org.jspecify;
    requires org.lwjgl;
    // Nothing else would bring the native library of LWJGL into the module graph.
    requires org.lwjgl.natives;
    requires org.lwjgl.vulkan;

    exports dev.jinrai.gpu;
    exports dev.jinrai.gpu.vulkan;

    provides dev.jinrai.backend.BackendProvider with
            dev.jinrai.gpu.VulkanProvider,
            dev.jinrai.gpu.MetalProvider;
}
