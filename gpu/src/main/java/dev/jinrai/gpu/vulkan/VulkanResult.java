package dev.jinrai.gpu.vulkan;

import static org.lwjgl.vulkan.VK10.*;

import dev.jinrai.backend.BackendException;
import dev.jinrai.backend.DeviceException;
import dev.jinrai.gpu.GpuMemoryException;

/// What Vulkan's functions answer: 0 is well, below 0 is an error.
final class VulkanResult {
    /// What helps where memory is short.
    static final String LESS =
            "end other programs that use it, or use fewer layers on it (--gpu-layers), a smaller"
                    + " context or the backend cpu";

    private VulkanResult() {}

    /// @param device the device's name, for the message
    /// @param doing what was tried, such as `waiting for the device`
    /// @throws DeviceException if the device was lost or has no memory left
    /// @throws BackendException if `result` is another error
    static void check(int result, String device, String doing) {
        if (result == VK_ERROR_DEVICE_LOST) {
            throw new DeviceException(
                    "GPU '%s' was lost while %s: its driver reset it, because a kernel failed or took too long; start again, or use another backend"
                            .formatted(device, doing));
        }
        if (result == VK_ERROR_OUT_OF_DEVICE_MEMORY || result == VK_ERROR_OUT_OF_HOST_MEMORY) {
            throw new GpuMemoryException(
                    "GPU '%s' ran out of memory while %s (%s); %s"
                            .formatted(device, doing, name(result), LESS));
        }
        if (result < 0) {
            throw new BackendException(
                    "GPU '%s': %s failed: %s".formatted(device, doing, name(result)));
        }
    }

    /// {@return the error's name in Vulkan's specification}
    static String name(int result) {
        return switch (result) {
            case VK_ERROR_OUT_OF_HOST_MEMORY -> "VK_ERROR_OUT_OF_HOST_MEMORY";
            case VK_ERROR_OUT_OF_DEVICE_MEMORY -> "VK_ERROR_OUT_OF_DEVICE_MEMORY";
            case VK_ERROR_INITIALIZATION_FAILED -> "VK_ERROR_INITIALIZATION_FAILED";
            case VK_ERROR_DEVICE_LOST -> "VK_ERROR_DEVICE_LOST";
            case VK_ERROR_MEMORY_MAP_FAILED -> "VK_ERROR_MEMORY_MAP_FAILED";
            case VK_ERROR_LAYER_NOT_PRESENT -> "VK_ERROR_LAYER_NOT_PRESENT";
            case VK_ERROR_EXTENSION_NOT_PRESENT -> "VK_ERROR_EXTENSION_NOT_PRESENT";
            case VK_ERROR_FEATURE_NOT_PRESENT -> "VK_ERROR_FEATURE_NOT_PRESENT";
            case VK_ERROR_INCOMPATIBLE_DRIVER -> "VK_ERROR_INCOMPATIBLE_DRIVER";
            case VK_ERROR_TOO_MANY_OBJECTS -> "VK_ERROR_TOO_MANY_OBJECTS";
            default -> "VkResult " + result;
        };
    }
}
