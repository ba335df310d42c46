package dev.jinrai;

import dev.jinrai.backend.KvType;
import java.util.Optional;

/// How a model is to be opened.
///
/// @param backend a backend's name, or `auto` for the best one that runs here
/// @param threads compute threads; 0 for one per physical core
/// @param context the most tokens a session can hold; 0 for what the model was trained for, as far
/// as memory allows
/// @param kvType how sessions store keys and values
/// @param device of the backend, by its number or a part of its name; nothing for the best
/// @param gpuLayers how many of the model's last layers a GPU runs, all for as many as there are or more; or
/// [#AUTOMATIC]
public record ModelOptions(
        String backend,
        int threads,
        int context,
        KvType kvType,
        Optional<String> device,
        int gpuLayers) {
    /// As many layers on a GPU as fit.
    public static final int AUTOMATIC = -1;

    /// The best backend, all cores, the model's own context, keys and values as f16.
    public static final ModelOptions DEFAULTS =
            new ModelOptions("auto", 0, 0, KvType.F16, Optional.empty(), AUTOMATIC);

    /// Asks for the best backend that runs here.
    public static final String AUTO = "auto";

    public ModelOptions {
        if (threads < 0 || context < 0) {
            throw new IllegalArgumentException(
                    "threads and context: wanted 0 or more, got %d and %d"
                            .formatted(threads, context));
        }
        if (gpuLayers < AUTOMATIC) {
            throw new IllegalArgumentException(
                    "layers on a GPU: wanted 0 or more, got " + gpuLayers);
        }
    }

    public ModelOptions withBackend(String name) {
        return new ModelOptions(name, threads, context, kvType, device, gpuLayers);
    }

    public ModelOptions withThreads(int count) {
        return new ModelOptions(backend, count, context, kvType, device, gpuLayers);
    }

    public ModelOptions withContext(int length) {
        return new ModelOptions(backend, threads, length, kvType, device, gpuLayers);
    }

    public ModelOptions withKvType(KvType type) {
        return new ModelOptions(backend, threads, context, type, device, gpuLayers);
    }

    public ModelOptions withDevice(String name) {
        return new ModelOptions(backend, threads, context, kvType, Optional.of(name), gpuLayers);
    }

    public ModelOptions withGpuLayers(int count) {
        return new ModelOptions(backend, threads, context, kvType, device, count);
    }
}
