package dev.jinrai.backend.scalar;

import dev.jinrai.backend.Availability;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendOptions;
import dev.jinrai.backend.BackendProvider;

/// Always available, and what `auto` takes only where nothing else runs.
public final class ScalarProvider implements BackendProvider {
    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public int preference() {
        return 0;
    }

    @Override
    public Availability probe() {
        return new Availability.Available(
                "plain Java, one thread, sums in double", Runtime.getRuntime().maxMemory());
    }

    @Override
    public Backend open(BackendOptions options) {
        return new ScalarBackend();
    }
}
