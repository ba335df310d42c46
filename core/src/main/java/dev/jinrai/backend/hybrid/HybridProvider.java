package dev.jinrai.backend.hybrid;

import dev.jinrai.backend.Availability;
import dev.jinrai.backend.Availability.Available;
import dev.jinrai.backend.Availability.Unavailable;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendException;
import dev.jinrai.backend.BackendOptions;
import dev.jinrai.backend.BackendProvider;
import dev.jinrai.backend.Backends;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// A device and the CPU together, where both run here: the best of each.
public final class HybridProvider implements BackendProvider {
    private static final String NAME = "hybrid";

    private final List<BackendProvider> others;

    /// @param others the providers to put together
    public HybridProvider(List<BackendProvider> others) {
        this.others = List.copyOf(others);
    }

    @Override
    public String name() {
        return NAME;
    }

    /// `auto` asks for a whole device, and splits a model that does not fit.
    @Override
    public int preference() {
        return -1;
    }

    /// {@return the best provider that computes on a device}
    public Optional<BackendProvider> deviceProvider() {
        return best(BackendProvider::ownMemory);
    }

    /// {@return the best provider that computes on the host}
    public BackendProvider hostProvider() {
        return best(Predicate.not(BackendProvider::ownMemory)).orElseThrow();
    }

    private Optional<BackendProvider> best(Predicate<BackendProvider> wanted) {
        return Backends.preferred(others.stream().filter(wanted).toList()).findFirst();
    }

    @Override
    public Availability probe() {
        return deviceProvider()
                .map(BackendProvider::probe)
                .map(HybridProvider::together)
                .orElseGet(() -> new Unavailable(reason()));
    }

    private static Availability together(Availability device) {
        return switch (device) {
            case Available(String name, long memory) ->
                    new Available(name + ", and the CPU", memory);
            case Unavailable u -> u;
        };
    }

    /// {@return why it cannot be opened, in one sentence, if it cannot}
    public String unavailable() {
        return "backend '%s' is unavailable: %s".formatted(NAME, reason());
    }

    private String reason() {
        return others.stream()
                .filter(BackendProvider::ownMemory)
                .map(BackendProvider::probe)
                .filter(Unavailable.class::isInstance)
                .map(a -> ((Unavailable) a).reason())
                .findFirst()
                .orElse("no backend for a GPU is in this build");
    }

    /// Opens both, with all layers on the device, embedding and output on the host: how many fit depends on the model, for which
    /// [dev.jinrai.Model] decides.
    @Override
    @SuppressWarnings("MustBeClosed") // closed by the backend, or here on failure
    public Backend open(BackendOptions options) {
        BackendProvider provider =
                deviceProvider().orElseThrow(() -> new BackendException(unavailable()));
        Backend device = provider.open(options);
        try {
            Backend host = hostProvider().open(options);
            return new HybridBackend(
                    host,
                    device,
                    layer -> layer >= 0,
                    "layers on %s, the rest on %s".formatted(device.device(), host.device()));
        } catch (RuntimeException | Error e) {
            device.close();
            throw e;
        }
    }
}
