package dev.jinrai.gpu.vulkan;

import static org.lwjgl.vulkan.KHRPortabilityEnumeration.*;
import static org.lwjgl.vulkan.VK10.*;
import static org.lwjgl.vulkan.VK12.VK_API_VERSION_1_2;

import dev.jinrai.backend.BackendException;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import org.lwjgl.PointerBuffer;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.vulkan.VK;
import org.lwjgl.vulkan.VkApplicationInfo;
import org.lwjgl.vulkan.VkExtensionProperties;
import org.lwjgl.vulkan.VkInstance;
import org.lwjgl.vulkan.VkInstanceCreateInfo;
import org.lwjgl.vulkan.VkPhysicalDevice;

/// A connection to the Vulkan loader. [VulkanLoader#load] comes first.
///
/// The driver of NVIDIA needs it closed before the process ends, after its devices.
final class VulkanInstance implements AutoCloseable {
    private final VkInstance instance;

    private VulkanInstance(VkInstance instance) {
        this.instance = instance;
    }

    /// @throws BackendException if the loader is too old or finds no driver
    static VulkanInstance open() {
        int version = VK.getInstanceVersionSupported();
        if (version < VK_API_VERSION_1_2) {
            throw new BackendException(
                    "the Vulkan loader is of version %s, and 1.2 is needed; update it (the package libvulkan1 on Debian and Ubuntu)"
                            .formatted(version(version)));
        }
        try (MemoryStack stack = MemoryStack.stackPush()) {
            var application =
                    VkApplicationInfo.calloc(stack)
                            .sType$Default()
                            .pEngineName(stack.UTF8("Jinrai"))
                            .apiVersion(VK_API_VERSION_1_2);
            var create =
                    VkInstanceCreateInfo.calloc(stack)
                            .sType$Default()
                            .pApplicationInfo(application);
            if (extensions(stack).contains(VK_KHR_PORTABILITY_ENUMERATION_EXTENSION_NAME)) {
                // Else a loader on a Mac hides MoltenVK.
                ByteBuffer name = stack.UTF8(VK_KHR_PORTABILITY_ENUMERATION_EXTENSION_NAME);
                create.flags(VK_INSTANCE_CREATE_ENUMERATE_PORTABILITY_BIT_KHR)
                        .ppEnabledExtensionNames(stack.pointers(name));
            }
            PointerBuffer handle = stack.mallocPointer(1);
            int result = vkCreateInstance(create, null, handle);
            if (result == VK_ERROR_INCOMPATIBLE_DRIVER) {
                throw new BackendException(NO_DEVICE);
            }
            if (result < 0) {
                throw new BackendException(
                        "the Vulkan loader does not start: " + VulkanResult.name(result));
            }
            return new VulkanInstance(new VkInstance(handle.get(0), create));
        }
    }

    /// Why there is nothing to choose from.
    static final String NO_DEVICE =
            "the Vulkan loader finds no device; install the GPU's driver (for AMD and Intel the"
                    + " package mesa-vulkan-drivers)";

    /// {@return the devices in the loader's order; each is valid until this instance is closed}
    List<VkPhysicalDevice> devices() {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            IntBuffer count = stack.callocInt(1);
            int result = vkEnumeratePhysicalDevices(instance, count, null);
            if (result < 0 || count.get(0) == 0) {
                return List.of();
            }
            PointerBuffer handles = stack.mallocPointer(count.get(0));
            result = vkEnumeratePhysicalDevices(instance, count, handles);
            if (result < 0) {
                return List.of();
            }
            List<VkPhysicalDevice> devices = new ArrayList<>();
            for (int i = 0; i < count.get(0); i++) {
                devices.add(new VkPhysicalDevice(handles.get(i), instance));
            }
            return List.copyOf(devices);
        }
    }

    private static List<String> extensions(MemoryStack stack) {
        IntBuffer count = stack.callocInt(1);
        if (vkEnumerateInstanceExtensionProperties((ByteBuffer) null, count, null) < 0) {
            return List.of();
        }
        try (var found = VkExtensionProperties.malloc(count.get(0))) {
            if (vkEnumerateInstanceExtensionProperties((ByteBuffer) null, count, found) < 0) {
                return List.of();
            }
            return found.stream().map(VkExtensionProperties::extensionNameString).toList();
        }
    }

    /// {@return a version as people write it, such as `1.3`}
    static String version(int packed) {
        return VK_VERSION_MAJOR(packed) + "." + VK_VERSION_MINOR(packed);
    }

    @Override
    public void close() {
        vkDestroyInstance(instance, null);
    }
}
