package dev.jinrai.cli;

import dev.jinrai.ModelOptions;
import dev.jinrai.backend.Availability.Unavailable;
import dev.jinrai.backend.BackendProvider;
import dev.jinrai.backend.Backends;
import java.util.Arrays;
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

    /// {@return the name to open a model with}
    ///
    /// @param named by the user, who wants that backend or an error; else `JINRAI_BACKEND` names it
    static String resolve(Optional<String> named, Io io) {
        String name = named.or(() -> io.variable("JINRAI_BACKEND")).orElse(ModelOptions.AUTO);
        List<BackendProvider> providers = Backends.all();
        if (name.equals(ModelOptions.AUTO)) {
            sayWhatIsMissing(providers, io);
            return name;
        }
        if (has(providers, name)) {
            return name;
        }
        Known known =
                Arrays.stream(Known.values())
                        .filter(k -> k.label.equals(name))
                        .findFirst()
                        .orElseThrow(() -> unknown(name, providers, named.isPresent()));
        if (has(providers, known.meaning)) {
            io.messages().notice("backend '%s' means '%s'".formatted(name, known.meaning));
            return known.meaning;
        }
        throw new CommandException(
                "backend '%s' is unavailable: %s; use --backend cpu"
                        .formatted(name, known.absence()));
    }

    /// {@return the names of this list that no provider has taken}
    static List<Known> absent(List<BackendProvider> providers) {
        return Arrays.stream(Known.values()).filter(k -> !has(providers, k.label)).toList();
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

    private static boolean has(List<BackendProvider> providers, String name) {
        return providers.stream().anyMatch(p -> p.name().equals(name));
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
