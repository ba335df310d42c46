package dev.jinrai.cli;

import dev.jinrai.ModelOptions;
import dev.jinrai.backend.Availability.Available;
import dev.jinrai.backend.Availability.Unavailable;
import dev.jinrai.backend.BackendProvider;
import dev.jinrai.backend.Backends;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The names of backends that people know, and what becomes of them in this build.
final class BackendName {
    /// Names beyond those of the built-in backends: of a backend in another module, or of one that
    /// such a backend stands in for.
    enum Known {
        VULKAN("vulkan", "vulkan"),
        METAL("metal", "metal"),
        HYBRID("hybrid", "hybrid"),
        HYBRID_F32("hybrid-f32", "hybrid"),
        CUDA("cuda", "vulkan"),
        OPENCL("opencl", "vulkan"),
        COREML("coreml", "coreml");

        private final String label;
        private final String meaning; // the backend that is used in its place

        Known(String label, String meaning) {
            this.label = label;
            this.meaning = meaning;
        }

        String label() {
            return label;
        }

        /// {@return the backend that runs where this name is given, if it is another one and in this build}
        Optional<BackendProvider> aliased(List<BackendProvider> providers) {
            return label.equals(meaning) ? Optional.empty() : find(providers, meaning);
        }

        /// {@return why nothing runs under this name}
        String absence() {
            return switch (this) {
                case VULKAN, METAL, HYBRID -> "not in this build";
                case HYBRID_F32, CUDA, OPENCL ->
                        "it means '%s', which is not in this build".formatted(meaning);
                case COREML -> "Jinrai has no Core ML backend";
            };
        }
    }

    private BackendName() {}

    /// What a model may be opened with.
    ///
    /// @param names of backends, in the order in which they are tried
    /// @param automatic whether nobody named one: then the next is taken where one fails
    record Choice(List<String> names, boolean automatic) {}

    /// {@return the backends to open a model with}
    ///
    /// @param named by the user, who wants that backend or an error; else `JINRAI_BACKEND` names it
    /// @param device that the user named, which only some backends have
    static Choice choose(Optional<String> named, Optional<String> device, Io io) {
        String name = named.or(() -> io.variable("JINRAI_BACKEND")).orElse(ModelOptions.AUTO);
        if (name.equals(ModelOptions.AUTO)) {
            return device.map(BackendName::withDevices).orElseGet(() -> automatic(io));
        }
        BackendProvider provider = provider(name, named.isPresent(), io);
        if (device.isPresent()
                && !provider.name().equals(Known.HYBRID.label)
                && provider.devices().isEmpty()
                && provider.probe() instanceof Available) {
            throw new UsageException(
                    "--device: backend '%s' has no devices to choose from; use --backend vulkan"
                            .formatted(provider.name()));
        }
        return new Choice(List.of(provider.name()), false);
    }

    private static Choice automatic(Io io) {
        sayWhatIsMissing(Backends.all(), io);
        return new Choice(Backends.preferred().map(BackendProvider::name).toList(), true);
    }

    private static Choice withDevices(String device) {
        List<String> names =
                Backends.all().stream()
                        .filter(p -> p.probe() instanceof Available && !p.devices().isEmpty())
                        .sorted(Comparator.comparingInt(BackendProvider::preference).reversed())
                        .map(BackendProvider::name)
                        .toList();
        if (names.isEmpty()) {
            throw new CommandException(
                    "--device %s: no backend with devices runs here; 'jinrai backends' says why"
                            .formatted(device));
        }
        return new Choice(names.subList(0, 1), false);
    }

    private static BackendProvider provider(String name, boolean option, Io io) {
        List<BackendProvider> providers = Backends.all();
        Optional<BackendProvider> provider = find(providers, name);
        if (provider.isPresent()) {
            return provider.get();
        }
        Known known =
                Arrays.stream(Known.values())
                        .filter(k -> k.label.equals(name))
                        .findFirst()
                        .orElseThrow(() -> unknown(name, providers, option));
        BackendProvider meant =
                find(providers, known.meaning)
                        .orElseThrow(() ->
                                new CommandException(
                                        "backend '%s' is unavailable: %s; use --backend cpu"
                                                .formatted(name, known.absence())));
        io.messages().notice("backend '%s' means '%s'".formatted(name, known.meaning));
        return meant;
    }

    /// {@return the names of this list that no provider has taken}
    static List<Known> absent(List<BackendProvider> providers) {
        return Arrays.stream(Known.values())
                .filter(k -> find(providers, k.label).isEmpty())
                .toList();
    }

    /// The best backend that runs is not always the best one there is.
    private static void sayWhatIsMissing(List<BackendProvider> providers, Io io) {
        BackendProvider best = Backends.best();
        for (BackendProvider provider : providers) {
            if (provider.preference() > best.preference()
                    && provider.probe() instanceof Unavailable(String reason)) {
                io.messages()
                        .notice(
                                "backend '%s' is unavailable (%s): using '%s'%s"
                                        .formatted(
                                                provider.name(),
                                                reason,
                                                best.name(),
                                                best.name().equals("scalar")
                                                        ? ", which is slow"
                                                        : ""));
            }
        }
    }

    private static Optional<BackendProvider> find(List<BackendProvider> providers, String name) {
        return providers.stream().filter(p -> p.name().equals(name)).findFirst();
    }

    private static UsageException unknown(
            String name, List<BackendProvider> providers, boolean option) {
        String known =
                Stream.concat(
                                Stream.concat(
                                        Stream.of(ModelOptions.AUTO),
                                        providers.stream().map(BackendProvider::name)),
                                Arrays.stream(Known.values()).map(Known::label))
                        .distinct()
                        .collect(Collectors.joining(", "));
        return new UsageException(
                "%s: no backend '%s' (known: %s)"
                        .formatted(option ? "--backend" : "JINRAI_BACKEND", name, known));
    }
}
