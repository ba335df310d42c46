package dev.jinrai.backend;

import dev.jinrai.backend.hybrid.HybridBackend;
import dev.jinrai.format.Format;
import java.util.concurrent.atomic.AtomicInteger;

/// Two backends together satisfy the contract of one, wherever each weight lives: here every other one, in turn.
class HybridConformanceTest extends BackendConformance {
    @Override
    protected Backend open() {
        var uploads = new AtomicInteger();
        return new HybridBackend(
                Backends.named("cpu").open(new BackendOptions(2)),
                Backends.named("cpu").open(new BackendOptions(1)),
                _ -> uploads.getAndIncrement() % 2 == 1,
                "both");
    }

    @Override
    protected double tokenStep(Format format) {
        return VectorConformanceTest.step(format);
    }
}
