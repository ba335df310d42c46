package dev.jinrai.backend;

import dev.jinrai.backend.hybrid.HybridProvider;
import dev.jinrai.backend.scalar.ScalarProvider;
import dev.jinrai.backend.vector.VectorProvider;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Finds backends: the two built in, then any a module on the path provides, then what puts a device and the CPU together.
public final class Backends {
    private Backends() {}

    /// {@return every provider; each can say whether it runs here}
    public static List<BackendProvider> all() {
        var providers = new ArrayList<BackendProvider>();
        providers.add(new VectorProvider());
        providers.add(new ScalarProvider());
        ServiceLoader.load(BackendProvider.class).forEach(providers::add);
        providers.add(new HybridProvider(providers));
        return List.copyOf(providers);
    }

    /// {@return the available provider with the highest preference; there is always `scalar`}
    ///
    /// It may not be the one a user would expect: [#passedOver] says why.
    public static BackendProvider best() {
        return preferred().findFirst().orElseThrow();
    }

    /// {@return the available providers that `auto` may take, the most preferred first; they are probed one by one}
    public static Stream<BackendProvider> preferred() {
        return preferred(all().stream().filter(p -> p.preference() >= 0).toList());
    }

    /// {@return those of `providers` that are available, the most preferred first}
    public static Stream<BackendProvider> preferred(List<BackendProvider> providers) {
        return providers.stream()
                .sorted(Comparator.comparingInt(BackendProvider::preference).reversed())
                .filter(p -> p.probe() instanceof Availability.Available);
    }

    /// {@return one sentence for each provider that would be preferred to [#best] but cannot run here}
    public static List<String> passedOver() {
        int chosen = best().preference();
        List<String> sentences = new ArrayList<>();
        for (BackendProvider provider : all()) {
            if (provider.preference() > chosen
                    && provider.probe() instanceof Availability.Unavailable(var reason)) {
                sentences.add("backend '%s' is unavailable: %s".formatted(provider.name(), reason));
            }
        }
        return List.copyOf(sentences);
    }

    /// {@return the provider of that name}
    ///
    /// @throws BackendException if there is none, or it cannot run here; the message says why
    public static BackendProvider named(String name) {
        return named(name, all());
    }

    /// {@return the one of that name among `providers`}
    ///
    /// @throws BackendException if there is none, or it cannot run here; the message says why
    public static BackendProvider named(String name, List<BackendProvider> providers) {
        var provider =
                providers.stream()
                        .filter(p -> p.name().equals(name))
                        .findFirst()
                        .orElseThrow(() ->
                                new BackendException(
                                        "backend '%s' is not in this build (known: %s)"
                                                .formatted(name, names(providers))));
        if (provider.probe() instanceof Availability.Unavailable(var reason)) {
            throw new BackendException("backend '%s' is unavailable: %s".formatted(name, reason));
        }
        return provider;
    }

    private static String names(List<BackendProvider> providers) {
        return providers.stream()
                .map(BackendProvider::name)
                .sorted()
                .collect(Collectors.joining(", "));
    }
}
