package dev.jinrai;

import dev.jinrai.backend.Home;
import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.Weight;
import dev.jinrai.gguf.Warming;
import dev.jinrai.model.Weights;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// Brings a model's weights to where they are used, and says how far it is: to the device by copying, to the host by reading
/// ahead what is not in memory ([Warming]).
final class Loading implements Home {
    private final Placement placement;
    private final Warming.Listener listener;
    private final long total;
    private final List<MemorySegment> hosts = new ArrayList<>();
    private long done;

    /// @param total bytes in all
    private Loading(Placement placement, long total, Warming.Listener listener) {
        this.placement = placement;
        this.total = total;
        this.listener = listener;
    }

    /// Loads without reading ahead.
    ///
    /// @param host the weights as [Placement#hostOnly] has them
    static Weights load(Weights.Found found, Weights host, Placement placement) {
        Weights weights = placement.layers() == 0 ? host : found.upload(placement.backend());
        placement.backend().prepare();
        return weights;
    }

    /// @param host the weights as [Placement#hostOnly] has them
    /// @param files all that belongs to the model
    static Weights load(
            Weights.Found found,
            Weights host,
            Placement placement,
            List<MemorySegment> files,
            OptionalLong available,
            Warming.Listener listener) {
        if (placement.layers() == 0) {
            placement.backend().prepare();
            Warming.warm(files, available, listener);
            return host;
        }
        var loading =
                new Loading(
                        placement,
                        files.stream().mapToLong(MemorySegment::byteSize).sum(),
                        listener);
        Weights weights = found.upload(loading);
        placement.backend().prepare();
        Warming.warm(loading.hosts, available, loading.rest());
        return weights;
    }

    @Override
    public Weight upload(Tensor tensor) {
        return upload(tensor, placement.backend(), placement.layers() == placement.all());
    }

    @Override
    public Home layer(int layer) {
        boolean device = layer >= placement.all() - placement.layers();
        return tensor -> upload(tensor, placement.backend().layer(layer), device);
    }

    private Weight upload(Tensor tensor, Home home, boolean device) {
        Weight weight = home.upload(tensor);
        if (device) {
            done += tensor.data().byteSize();
            listener.read(done, total);
        } else {
            hosts.add(tensor.data());
        }
        return weight;
    }

    /// {@return a listener to the host's part}
    private Warming.Listener rest() {
        return new Warming.Listener() {
            @Override
            public void read(long more, long part) {
                listener.read(total - part + more, total);
            }

            @Override
            public void tooLarge(long part, long available) {
                listener.tooLarge(part, available);
            }
        };
    }
}
