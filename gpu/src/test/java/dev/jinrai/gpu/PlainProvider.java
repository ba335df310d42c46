package dev.jinrai.gpu;

/// The GPU with a kernel for each verb, also where packed dot products are fast.
public final class PlainProvider extends NamedProvider {
    static final String NAME = "vulkan-plain";

    /// For the service loader.
    public PlainProvider() {
        super(NAME, false);
    }
}
