package dev.jinrai;

import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendException;
import dev.jinrai.backend.BackendOptions;
import dev.jinrai.backend.BackendProvider;
import dev.jinrai.backend.Backends;
import dev.jinrai.backend.DeviceMemoryException;
import dev.jinrai.backend.Home;
import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.Weight;
import dev.jinrai.backend.hybrid.HybridBackend;
import dev.jinrai.backend.hybrid.HybridProvider;
import java.util.ArrayList;
import java.util.List;

/// On which backend a model runs, and how many of its layers a device runs.
///
/// `auto` takes a device for all layers, or for as many as fit, or the CPU, and says so where it is not all. A device that
/// was named has to hold the whole model; `hybrid`, or a number of layers, asks for a part.
///
/// @param backend to be closed by whom this is given to
/// @param layers on a device
/// @param all of the model
/// @param context the most positions that the device has memory for
/// @param adjustable whether nobody asked for exactly this
/// @param notices sentences for the user
record Placement(
        Backend backend,
        int layers,
        int all,
        long context,
        boolean adjustable,
        List<String> notices) {

    /// What a model may be placed on.
    private record Choice(
            BackendProvider host, BackendProvider provider, boolean adjustable, int wanted) {}

    /// @param providers what there is
    static Placement of(
            ModelOptions options,
            BackendOptions how,
            Demand demand,
            List<BackendProvider> providers) {
        return of(options, how, demand, providers, Integer.MAX_VALUE);
    }

    /// {@return a placement with fewer layers on the device, after that many proved to be too many}
    Placement smaller(
            ModelOptions options,
            BackendOptions how,
            Demand demand,
            List<BackendProvider> providers,
            String reason) {
        int fewer = layers - Math.max(1, layers / 8);
        Placement next = of(options, how, demand, providers, fewer);
        return new Placement(
                next.backend,
                next.layers,
                all,
                next.context,
                true,
                List.of(reason + ": " + said(fewer)));
    }

    private String said(int fewer) {
        return fewer == 0
                ? "the CPU runs the model"
                : "the GPU runs %d of %d layers".formatted(fewer, all);
    }

    /// @param most layers on a device
    private static Placement of(
            ModelOptions options,
            BackendOptions how,
            Demand demand,
            List<BackendProvider> providers,
            int most) {
        Choice choice = choose(options, providers);
        int all = demand.layers().size();
        if (!choice.provider.ownMemory() || most == 0) {
            Backend host = choice.host.open(how);
            return new Placement(host, 0, all, Long.MAX_VALUE, false, List.of());
        }
        Backend device;
        try {
            device = choice.provider.open(how);
        } catch (BackendException e) {
            if (!options.backend().equals(ModelOptions.AUTO)) {
                throw e;
            }
            String notice = "%s: the CPU runs the model".formatted(e.getMessage());
            Backend host = choice.host.open(how);
            return new Placement(host, 0, all, Long.MAX_VALUE, false, List.of(notice));
        }
        try {
            return on(device, choice, options, how, demand, most);
        } catch (RuntimeException | Error e) {
            device.close();
            throw e;
        }
    }

    @SuppressWarnings("MustBeClosed") // whoever gets the placement closes it
    private static Placement on(
            Backend device,
            Choice choice,
            ModelOptions options,
            BackendOptions how,
            Demand demand,
            int most) {
        var fit = new DeviceFit(demand, device.deviceMemory().orElse(Long.MAX_VALUE));
        int all = fit.all();
        int expected = fit.expected(options.context());
        int layers = Math.min(most, Math.min(all, choice.wanted));
        List<String> notices = new ArrayList<>();
        if (choice.adjustable) {
            int fitting = fit.layers(expected);
            if (fitting < layers && fitting < all) {
                notices.add(fit.shortage(fitting, options.context(), device.device()));
                layers = fitting;
            }
        } else if (!fit.fits(layers, expected)) {
            throw new DeviceMemoryException(
                    fit.refusal(layers, options.context(), device.device()));
        }
        if (layers > 0 && device.software()) {
            notices.addFirst(
                    "'%s' is no GPU but a program that plays one; the backend 'cpu' is faster"
                            .formatted(device.device()));
        }
        if (layers == all) {
            return new Placement(device, all, all, fit.positions(all), choice.adjustable, notices);
        }
        Backend host = choice.host.open(how);
        if (layers == 0) {
            device.close();
            return new Placement(host, 0, all, Long.MAX_VALUE, choice.adjustable, notices);
        }
        return new Placement(
                new HybridBackend(host, device, all, layers),
                layers,
                all,
                fit.positions(layers),
                choice.adjustable,
                notices);
    }

    private static Choice choose(ModelOptions options, List<BackendProvider> providers) {
        String name = options.backend();
        int wanted = options.gpuLayers();
        boolean automatic = wanted == ModelOptions.AUTOMATIC;
        var both =
                new HybridProvider(
                        providers.stream().filter(p -> !p.name().equals("hybrid")).toList());
        // Who names a backend has no other one probed: that loads the Vector API, which the
        // start-up cache cannot hold.
        if (name.equals(ModelOptions.AUTO)) {
            BackendProvider host = both.hostProvider();
            BackendProvider best = Backends.preferred(providers).findFirst().orElseThrow();
            if (wanted == 0) {
                return new Choice(host, host, false, 0);
            }
            if (automatic) {
                return new Choice(host, best, true, Integer.MAX_VALUE);
            }
            return new Choice(host, best.ownMemory() ? best : device(both), false, wanted);
        }
        BackendProvider named = Backends.named(name, providers);
        if (named.name().equals(both.name())) {
            return new Choice(
                    both.hostProvider(),
                    device(both),
                    automatic,
                    automatic ? Integer.MAX_VALUE : wanted);
        }
        if (named.ownMemory()) {
            return new Choice(
                    both.hostProvider(), named, false, automatic ? Integer.MAX_VALUE : wanted);
        }
        if (wanted > 0) {
            throw new BackendException(
                    "backend '%s' has no layers on a GPU; use the backend hybrid, or auto"
                            .formatted(name));
        }
        return new Choice(named, named, false, 0);
    }

    private static BackendProvider device(HybridProvider both) {
        return both.deviceProvider().orElseThrow(() -> new BackendException(both.unavailable()));
    }

    /// {@return a home that uploads to the host alone: what belongs on the device becomes a mere shape}
    Home hostOnly() {
        Home shapes = Demand.Shape::of;
        return new Home() {
            @Override
            public Weight upload(Tensor tensor) {
                return (layers == all ? shapes : backend).upload(tensor);
            }

            @Override
            public Home layer(int layer) {
                return layer >= all - layers ? shapes : backend.layer(layer);
            }
        };
    }

    /// {@return the host's memory that products with a weight of [#hostOnly] take for good}
    long resident(Weight weight) {
        return weight instanceof Demand.Shape ? 0 : backend.resident(weight);
    }
}
