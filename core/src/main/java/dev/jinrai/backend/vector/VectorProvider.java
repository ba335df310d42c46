package dev.jinrai.backend.vector;

import dev.jinrai.backend.Availability;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendException;
import dev.jinrai.backend.BackendOptions;
import dev.jinrai.backend.BackendProvider;

/// Finds the Vector API. This class must load without it.
public final class VectorProvider implements BackendProvider {
    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public int preference() {
        return 10;
    }

    @Override
    public Availability probe() {
        if (!vectorApi()) {
            return new Availability.Unavailable(
                    "jdk.incubator.vector is not resolved; add --add-modules jdk.incubator.vector"
                            + " to the java command");
        }
        if (Registers.MACHINE_BITS < 128) {
            return new Availability.Unavailable(
                    "its kernels need registers of 128 bits, this JVM uses %d"
                            .formatted(Registers.MACHINE_BITS));
        }
        if (!Fma.ONE_INSTRUCTION) {
            return new Availability.Unavailable(
                    "this processor has no fused multiply-add (FMA), or the JVM was told not to use"
                            + " it; its kernels would be slower than plain loops");
        }
        return new Availability.Available(
                VectorBackend.registers(), Runtime.getRuntime().maxMemory());
    }

    /// Whether the Vector API can be used. Our module requires it statically only, so where it was
    /// resolved, or loaded later, we have to ask to read it.
    private static boolean vectorApi() {
        try {
            Class<?> vector =
                    Class.forName(
                            "jdk.incubator.vector.Vector",
                            false,
                            VectorProvider.class.getClassLoader());
            VectorProvider.class.getModule().addReads(vector.getModule());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    @Override
    public Backend open(BackendOptions options) {
        if (probe() instanceof Availability.Unavailable(var reason)) {
            throw new BackendException("backend 'cpu' is unavailable: " + reason);
        }
        return new VectorBackend(options.threads());
    }
}
