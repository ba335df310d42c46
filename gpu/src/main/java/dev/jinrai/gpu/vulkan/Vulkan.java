package dev.jinrai.gpu.vulkan;

import dev.jinrai.backend.BackendException;
import dev.jinrai.gpu.GpuInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.lwjgl.vulkan.VkPhysicalDevice;

/// The Vulkan devices of this machine. They are looked for once, when somebody first asks.
public final class Vulkan {
    private Vulkan() {}

    /// @param reason why there is no device at all; empty if there is one
    private record Found(List<VulkanAdapter> devices, String reason) {}

    private static final class Once {
        static final Found FOUND = find();
    }

    /// {@return all devices that can compute, usable or not; none if there is no Vulkan}
    ///
    /// What they say of free memory is from when they were found.
    public static List<VulkanAdapter> devices() {
        return Once.FOUND.devices();
    }

    /// {@return why no device can be opened, in one sentence with the remedy; nothing if one can}
    public static Optional<String> unavailable() {
        if (devices().isEmpty()) {
            return Optional.of(Once.FOUND.reason());
        }
        if (devices().stream().anyMatch(VulkanAdapter::usable)) {
            return Optional.empty();
        }
        return Optional.of(devices().getFirst().refusal());
    }

    /// {@return the device to use when nobody says which: a GPU before a program that plays one, one with memory of its own
    /// before one that shares the host's, then the one with most memory}
    public static Optional<VulkanAdapter> best() {
        return best(devices());
    }

    static Optional<VulkanAdapter> best(List<VulkanAdapter> devices) {
        Comparator<GpuInfo> order =
                Comparator.comparing(GpuInfo::software)
                        .thenComparing(GpuInfo::unified)
                        .thenComparing(Comparator.comparingLong(GpuInfo::memory).reversed());
        return devices.stream()
                .filter(VulkanAdapter::usable)
                .min(Comparator.comparing(VulkanAdapter::info, order));
    }

    /// {@return the device a user names, by its index or a part of its name, in any case; one or two digits are an index}
    ///
    /// @throws BackendException if there is none, several, or it lacks something
    public static VulkanAdapter device(String wanted) {
        return choose(devices(), wanted);
    }

    static VulkanAdapter choose(List<VulkanAdapter> devices, String wanted) {
        boolean index = wanted.matches("[0-9]{1,2}");
        List<VulkanAdapter> matching =
                List.<Predicate<VulkanAdapter>>of(
                                d -> String.valueOf(d.index()).equals(wanted),
                                d -> d.info().name().equalsIgnoreCase(wanted),
                                d -> lower(d.info().name()).contains(lower(wanted)))
                        .stream()
                        .limit(index ? 1 : 3)
                        .map(rule -> devices.stream().filter(rule).toList())
                        .filter(found -> !found.isEmpty())
                        .findFirst()
                        .orElse(List.of());
        if (matching.size() != 1) {
            throw new BackendException(
                    "device '%s' is %s (known: %s)"
                            .formatted(
                                    wanted,
                                    matching.isEmpty() ? "not here" : "the name of several",
                                    devices.stream()
                                            .map(d -> d.index() + " " + d.info().name())
                                            .collect(Collectors.joining(", "))));
        }
        if (!matching.getFirst().usable()) {
            throw new BackendException(matching.getFirst().refusal());
        }
        return matching.getFirst();
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private static Found find() {
        Optional<String> missing = VulkanLoader.load();
        if (missing.isPresent()) {
            return new Found(List.of(), missing.get());
        }
        try (VulkanInstance instance = VulkanInstance.open()) {
            List<VulkanAdapter> devices = new ArrayList<>();
            for (VkPhysicalDevice physical : instance.devices()) {
                var properties = VulkanProperties.of(physical);
                if (properties.computes()) {
                    devices.add(
                            new VulkanAdapter(
                                    devices.size(), properties.info(), properties.lacks()));
                }
            }
            return new Found(List.copyOf(devices), VulkanInstance.NO_DEVICE);
        } catch (RuntimeException | LinkageError e) {
            return new Found(List.of(), String.valueOf(e.getMessage()));
        }
    }

    /// {@return the device of an instance that an adapter stands for}
    ///
    /// @throws BackendException if the machine's devices are not the same any more
    static VulkanProperties find(VulkanInstance instance, VulkanAdapter adapter) {
        return instance.devices().stream()
                .map(VulkanProperties::of)
                .filter(VulkanProperties::computes)
                .skip(adapter.index())
                .findFirst()
                .filter(p -> p.info().name().equals(adapter.info().name()))
                .orElseThrow(() ->
                        new BackendException(
                                "GPU '%s' is not there any more".formatted(adapter.info().name())));
    }
}
