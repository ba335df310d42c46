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
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return new Availability.Unavailable(
                    "jdk.incubator.vector is not resolved; add --add-modules jdk.incubator.vector"
                            + " to the java command");
        }
        return new Availability.Available(
                VectorBackend.registers(), Runtime.getRuntime().maxMemory());
    }

    @Override
    public Backend open(BackendOptions options) {
        if (probe() instanceof Availability.Unavailable(var reason)) {
            throw new BackendException("backend 'cpu' is unavailable: " + reason);
        }
        return new VectorBackend(options.threads());
    }
}
