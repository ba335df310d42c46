package dev.jinrai;

import dev.jinrai.arch.Architectures;
import dev.jinrai.backend.Availability;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendOptions;
import dev.jinrai.backend.BackendProvider;
import dev.jinrai.backend.Backends;
import dev.jinrai.backend.KvType;
import dev.jinrai.model.Checkpoint;
import dev.jinrai.model.ModelConfig;
import dev.jinrai.model.Weights;
import java.util.ArrayList;
import java.util.List;

/// What a model takes of memory on a backend, reckoned from its shapes: nothing is loaded.
///
/// @param backends the names of those that take as much
/// @param device whether it is the memory of a device
/// @param weights what stays in memory, in bytes; the others are used where they lie in their file, and the system drops and
/// reads them again as it likes
/// @param position the keys and values of one token, in bytes
/// @param computing what is taken beside: activations, compiled code, a driver's own; an estimate, in bytes
public record MemoryNeed(
        List<String> backends, boolean device, long weights, long position, long computing) {
    public MemoryNeed {
        backends = List.copyOf(backends);
    }

    /// {@return what a session of `context` tokens takes with the weights, in bytes}
    public long bytes(int context) {
        return weights + computing + position * context;
    }

    /// {@return what the model takes on each kind of backend that this build has: those that run on this processor, then devices,
    /// present or not, with all layers there}
    ///
    /// @throws dev.jinrai.model.ModelException if it is not a model this build can run
    public static List<MemoryNeed> of(Checkpoint checkpoint, KvType type) {
        var architecture = Architectures.named(checkpoint.metadata().architecture());
        ModelConfig config = architecture.configure(checkpoint);
        var found = Weights.find(config, checkpoint, architecture.consumed());
        List<MemoryNeed> needs = new ArrayList<>();
        List<String> devices = new ArrayList<>();
        for (BackendProvider provider : Backends.all()) {
            if (provider.name().equals("hybrid")) {
                continue; // a part of each
            }
            if (provider.ownMemory()) {
                devices.add(provider.name());
            } else if (provider.probe() instanceof Availability.Available) {
                needs.add(host(provider, config, found, type));
            }
        }
        if (!devices.isEmpty()) {
            needs.add(device(devices, Demand.of(config, found, type)));
        }
        return needs;
    }

    private static MemoryNeed host(
            BackendProvider provider, ModelConfig config, Weights.Found found, KvType type) {
        try (Backend backend =
                provider.open(new BackendOptions(1, ModelOptions.DEFAULTS.device()))) {
            var footprint =
                    Footprint.of(
                            found.upload(backend), backend::resident, config.kvLayout(1, type));
            return new MemoryNeed(
                    List.of(provider.name()),
                    false,
                    footprint.weights(),
                    footprint.position(),
                    Footprint.COMPUTING);
        }
    }

    private static MemoryNeed device(List<String> names, Demand demand) {
        long weights = demand.ends();
        for (long layer : demand.layers()) {
            weights += layer;
        }
        long empty = new DeviceFit(demand, 0).bytes(demand.layers().size(), 0);
        return new MemoryNeed(
                names, true, weights, demand.layout().bytesPerPosition(), empty - weights);
    }
}
