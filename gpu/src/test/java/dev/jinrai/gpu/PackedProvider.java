package dev.jinrai.gpu;

/// The GPU with packed dot products, also where they are not fast; a program that plays a GPU runs the kernels of large ones so.
public final class PackedProvider extends NamedProvider {
    static final String NAME = "vulkan-packed";

    /// For the service loader.
    public PackedProvider() {
        super(NAME, true);
    }
}
