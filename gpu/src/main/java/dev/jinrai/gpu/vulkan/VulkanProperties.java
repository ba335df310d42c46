package dev.jinrai.gpu.vulkan;

import static org.lwjgl.vulkan.EXTExternalMemoryHost.VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME;
import static org.lwjgl.vulkan.EXTMemoryBudget.VK_EXT_MEMORY_BUDGET_EXTENSION_NAME;
import static org.lwjgl.vulkan.KHRCooperativeMatrix.*;
import static org.lwjgl.vulkan.KHRShaderIntegerDotProduct.VK_KHR_SHADER_INTEGER_DOT_PRODUCT_EXTENSION_NAME;
import static org.lwjgl.vulkan.NVShaderSmBuiltins.VK_NV_SHADER_SM_BUILTINS_EXTENSION_NAME;
import static org.lwjgl.vulkan.VK10.*;
import static org.lwjgl.vulkan.VK11.*;
import static org.lwjgl.vulkan.VK12.VK_API_VERSION_1_2;
import static org.lwjgl.vulkan.VK13.VK_API_VERSION_1_3;

import dev.jinrai.gpu.GpuInfo;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.Platform;
import org.lwjgl.vulkan.VkCooperativeMatrixPropertiesKHR;
import org.lwjgl.vulkan.VkDeviceCreateInfo;
import org.lwjgl.vulkan.VkExtensionProperties;
import org.lwjgl.vulkan.VkPhysicalDevice;
import org.lwjgl.vulkan.VkPhysicalDeviceCooperativeMatrixFeaturesKHR;
import org.lwjgl.vulkan.VkPhysicalDeviceCooperativeMatrixPropertiesKHR;
import org.lwjgl.vulkan.VkPhysicalDeviceExternalMemoryHostPropertiesEXT;
import org.lwjgl.vulkan.VkPhysicalDeviceFeatures2;
import org.lwjgl.vulkan.VkPhysicalDeviceMemoryBudgetPropertiesEXT;
import org.lwjgl.vulkan.VkPhysicalDeviceMemoryProperties;
import org.lwjgl.vulkan.VkPhysicalDeviceMemoryProperties2;
import org.lwjgl.vulkan.VkPhysicalDeviceProperties2;
import org.lwjgl.vulkan.VkPhysicalDeviceShaderIntegerDotProductFeatures;
import org.lwjgl.vulkan.VkPhysicalDeviceShaderIntegerDotProductProperties;
import org.lwjgl.vulkan.VkPhysicalDeviceShaderSMBuiltinsPropertiesNV;
import org.lwjgl.vulkan.VkPhysicalDeviceSubgroupSizeControlProperties;
import org.lwjgl.vulkan.VkPhysicalDeviceVulkan11Features;
import org.lwjgl.vulkan.VkPhysicalDeviceVulkan11Properties;
import org.lwjgl.vulkan.VkPhysicalDeviceVulkan12Features;
import org.lwjgl.vulkan.VkPhysicalDeviceVulkan12Properties;
import org.lwjgl.vulkan.VkQueueFamilyProperties;

/// What a physical device says of itself.
///
/// @param info what users see of it
/// @param lacks the needs of the kernels that it does not meet, in Vulkan's words
/// @param queueFamily the family of queues that computes, or -1
/// @param heap the memory heap of the device itself
/// @param maxAllocation the most bytes that can be taken in one piece
/// @param maxGroups how many workgroups a dispatch may have in x, y and z
/// @param extensions those it knows
/// @param shareAlignment the pages in which kernels can read the host's memory where it lies, in bytes; 0 if they cannot
record VulkanProperties(
        VkPhysicalDevice physical,
        GpuInfo info,
        List<String> lacks,
        int queueFamily,
        int heap,
        long maxAllocation,
        List<Integer> maxGroups,
        Set<String> extensions,
        long shareAlignment) {
    /// The largest workgroup and the most shared memory (bytes) that portable kernels use.
    private static final int WORKGROUP = 256;

    private static final int SHARED_MEMORY = 32 << 10;

    /// {@return whether it can compute at all}
    boolean computes() {
        return queueFamily >= 0;
    }

    static VulkanProperties of(VkPhysicalDevice physical) {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            var eleven = VkPhysicalDeviceVulkan11Properties.calloc(stack).sType$Default();
            var twelve = VkPhysicalDeviceVulkan12Properties.calloc(stack).sType$Default();
            var all = VkPhysicalDeviceProperties2.calloc(stack).sType$Default();
            vkGetPhysicalDeviceProperties(physical, all.properties());
            int version = all.properties().apiVersion();
            boolean recent = version >= VK_API_VERSION_1_2;
            if (recent) {
                vkGetPhysicalDeviceProperties2(physical, all.pNext(eleven).pNext(twelve));
            }
            var properties = all.properties();
            var limits = properties.limits();
            int type = properties.deviceType();
            Set<String> extensions = extensions(physical, stack);
            var memory = VkPhysicalDeviceMemoryProperties.malloc(stack);
            vkGetPhysicalDeviceMemoryProperties(physical, memory);
            int heap = heap(memory);
            boolean software = type == VK_PHYSICAL_DEVICE_TYPE_CPU;
            GpuInfo info =
                    new GpuInfo(
                            properties.deviceNameString(),
                            recent
                                    ? (twelve.driverNameString() + " " + twelve.driverInfoString())
                                            .strip()
                                    : "driver " + Integer.toHexString(properties.driverVersion()),
                            "Vulkan " + VulkanInstance.version(version),
                            memory.memoryHeaps(heap).size(),
                            free(physical, heap, extensions),
                            software || type == VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU,
                            software,
                            eleven.subgroupSize(),
                            limits.maxComputeWorkGroupInvocations(),
                            recent && shuffles(eleven) && dots(physical, extensions, stack),
                            version >= VK_API_VERSION_1_3 && matrices(physical, extensions, stack),
                            limits.maxComputeSharedMemorySize(),
                            recent ? cores(physical, extensions, stack) : 0);
            List<String> lacks = new ArrayList<>();
            if (!recent) {
                lacks.add("Vulkan 1.2");
            } else {
                lacks.addAll(missingFeatures(physical, stack));
                need(
                        lacks,
                        "subgroup arithmetic in compute shaders",
                        (eleven.subgroupSupportedStages() & VK_SHADER_STAGE_COMPUTE_BIT) != 0
                                && (eleven.subgroupSupportedOperations()
                                                & VK_SUBGROUP_FEATURE_ARITHMETIC_BIT)
                                        != 0);
            }
            need(
                    lacks,
                    "workgroups of " + WORKGROUP,
                    limits.maxComputeWorkGroupInvocations() >= WORKGROUP
                            && limits.maxComputeWorkGroupSize(0) >= WORKGROUP);
            need(
                    lacks,
                    (SHARED_MEMORY >> 10) + " KiB of shared memory",
                    limits.maxComputeSharedMemorySize() >= SHARED_MEMORY);
            return new VulkanProperties(
                    physical,
                    info,
                    List.copyOf(lacks),
                    queueFamily(physical, stack),
                    heap,
                    recent ? eleven.maxMemoryAllocationSize() : 0,
                    IntStream.range(0, 3)
                            .mapToObj(i -> signed(limits.maxComputeWorkGroupCount(i)))
                            .toList(),
                    extensions,
                    recent ? shareAlignment(physical, extensions, software, stack) : 0);
        }
    }

    /// Metal and programs that play a GPU read the pages of a file; other drivers want to write to what they are given, and fail
    /// late where they cannot. Pages that are larger than the system's would reach beyond a mapped file.
    private static long shareAlignment(
            VkPhysicalDevice physical,
            Set<String> extensions,
            boolean software,
            MemoryStack stack) {
        boolean mac = Platform.get() == Platform.MACOSX;
        if (!(software || mac)
                || !extensions.contains(VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME)) {
            return 0;
        }
        var host = VkPhysicalDeviceExternalMemoryHostPropertiesEXT.calloc(stack).sType$Default();
        var all = VkPhysicalDeviceProperties2.calloc(stack).sType$Default();
        vkGetPhysicalDeviceProperties2(physical, all.pNext(host));
        long alignment = host.minImportedHostPointerAlignment();
        boolean apple = mac && Platform.getArchitecture() == Platform.Architecture.ARM64;
        return alignment <= (apple ? 16 << 10 : 4 << 10) ? alignment : 0;
    }

    /// {@return how much of the device's heap may still be taken, in bytes; its size where the driver does not say}
    long free() {
        return free(physical, heap, extensions);
    }

    private static long free(VkPhysicalDevice physical, int heap, Set<String> extensions) {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            var budget = VkPhysicalDeviceMemoryBudgetPropertiesEXT.calloc(stack).sType$Default();
            var memory = VkPhysicalDeviceMemoryProperties2.calloc(stack).sType$Default();
            if (!extensions.contains(VK_EXT_MEMORY_BUDGET_EXTENSION_NAME)) {
                vkGetPhysicalDeviceMemoryProperties(physical, memory.memoryProperties());
                return memory.memoryProperties().memoryHeaps(heap).size();
            }
            vkGetPhysicalDeviceMemoryProperties2(physical, memory.pNext(budget));
            return Math.max(0, budget.heapBudget(heap) - budget.heapUsage(heap));
        }
    }

    /// The largest heap that is local to the device: a small second one is its window in the host's address space.
    private static int heap(VkPhysicalDeviceMemoryProperties memory) {
        int best = 0;
        long size = -1;
        for (int i = 0; i < memory.memoryHeapCount(); i++) {
            var heap = memory.memoryHeaps(i);
            if ((heap.flags() & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0 && heap.size() > size) {
                best = i;
                size = heap.size();
            }
        }
        return best;
    }

    /// A family that only computes has no display to wait for, so it comes first. Each can copy too.
    private static int queueFamily(VkPhysicalDevice physical, MemoryStack stack) {
        IntBuffer count = stack.callocInt(1);
        vkGetPhysicalDeviceQueueFamilyProperties(physical, count, null);
        var families = VkQueueFamilyProperties.malloc(count.get(0), stack);
        vkGetPhysicalDeviceQueueFamilyProperties(physical, count, families);
        int found = -1;
        for (int i = 0; i < families.capacity(); i++) {
            int flags = families.get(i).queueFlags();
            if ((flags & VK_QUEUE_COMPUTE_BIT) == 0) {
                continue;
            }
            if ((flags & VK_QUEUE_GRAPHICS_BIT) == 0) {
                return i;
            }
            found = found < 0 ? i : found;
        }
        return found;
    }

    private static List<String> missingFeatures(VkPhysicalDevice physical, MemoryStack stack) {
        var eleven = VkPhysicalDeviceVulkan11Features.calloc(stack).sType$Default();
        var twelve = VkPhysicalDeviceVulkan12Features.calloc(stack).sType$Default();
        var all = VkPhysicalDeviceFeatures2.calloc(stack).sType$Default();
        vkGetPhysicalDeviceFeatures2(physical, all.pNext(eleven).pNext(twelve));
        List<String> lacks = new ArrayList<>();
        need(lacks, "bufferDeviceAddress", twelve.bufferDeviceAddress());
        need(lacks, "shaderInt64", all.features().shaderInt64());
        need(lacks, "shaderInt16", all.features().shaderInt16());
        need(lacks, "shaderInt8", twelve.shaderInt8());
        need(lacks, "storageBuffer16BitAccess", eleven.storageBuffer16BitAccess());
        need(lacks, "storageBuffer8BitAccess", twelve.storageBuffer8BitAccess());
        need(lacks, "timelineSemaphore", twelve.timelineSemaphore());
        return lacks;
    }

    /// An unsigned number, or the largest signed one.
    private static int signed(int unsigned) {
        return unsigned < 0 ? Integer.MAX_VALUE : unsigned;
    }

    private static void need(List<String> lacks, String what, boolean there) {
        if (!there) {
            lacks.add(what);
        }
    }

    /// {@return whether the device multiplies packed bytes faster than one by one}
    private static boolean dots(
            VkPhysicalDevice physical, Set<String> extensions, MemoryStack stack) {
        if (!canDot(physical, extensions, stack)) {
            return false;
        }
        var dots = VkPhysicalDeviceShaderIntegerDotProductProperties.calloc(stack).sType$Default();
        var all = VkPhysicalDeviceProperties2.calloc(stack).sType$Default();
        vkGetPhysicalDeviceProperties2(physical, all.pNext(dots));
        return dots.integerDotProduct4x8BitPackedSignedAccelerated();
    }

    /// {@return whether the invocations of a subgroup may read each other's numbers}
    private static boolean shuffles(VkPhysicalDeviceVulkan11Properties properties) {
        int wanted = VK_SUBGROUP_FEATURE_SHUFFLE_BIT | VK_SUBGROUP_FEATURE_BALLOT_BIT;
        return (properties.subgroupSupportedOperations() & wanted) == wanted;
    }

    /// {@return how many cores it has, 0 where the driver does not say: the core of Vulkan has no word for it}
    private static int cores(VkPhysicalDevice physical, Set<String> extensions, MemoryStack stack) {
        if (!extensions.contains(VK_NV_SHADER_SM_BUILTINS_EXTENSION_NAME)) {
            return 0;
        }
        var cores = VkPhysicalDeviceShaderSMBuiltinsPropertiesNV.calloc(stack).sType$Default();
        var all = VkPhysicalDeviceProperties2.calloc(stack).sType$Default();
        vkGetPhysicalDeviceProperties2(physical, all.pNext(cores));
        return cores.shaderSMCount();
    }

    /// {@return whether kernels may multiply packed bytes}
    private static boolean canDot(
            VkPhysicalDevice physical, Set<String> extensions, MemoryStack stack) {
        if (!extensions.contains(VK_KHR_SHADER_INTEGER_DOT_PRODUCT_EXTENSION_NAME)) {
            return false;
        }
        var dots = VkPhysicalDeviceShaderIntegerDotProductFeatures.calloc(stack).sType$Default();
        var all = VkPhysicalDeviceFeatures2.calloc(stack).sType$Default();
        vkGetPhysicalDeviceFeatures2(physical, all.pNext(dots));
        return dots.shaderIntegerDotProduct();
    }

    /// {@return whether subgroups, all of 32, multiply matrices of 16 × 16 halves with sums of f32}
    private static boolean matrices(
            VkPhysicalDevice physical, Set<String> extensions, MemoryStack stack) {
        if (!extensions.contains(VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME)) {
            return false;
        }
        var cooperative =
                VkPhysicalDeviceCooperativeMatrixFeaturesKHR.calloc(stack).sType$Default();
        var twelve = VkPhysicalDeviceVulkan12Features.calloc(stack).sType$Default();
        var features = VkPhysicalDeviceFeatures2.calloc(stack).sType$Default();
        vkGetPhysicalDeviceFeatures2(physical, features.pNext(cooperative).pNext(twelve));
        var sizes = VkPhysicalDeviceSubgroupSizeControlProperties.calloc(stack).sType$Default();
        var of = VkPhysicalDeviceCooperativeMatrixPropertiesKHR.calloc(stack).sType$Default();
        var properties = VkPhysicalDeviceProperties2.calloc(stack).sType$Default();
        vkGetPhysicalDeviceProperties2(physical, properties.pNext(sizes).pNext(of));
        if (!cooperative.cooperativeMatrix()
                || !twelve.vulkanMemoryModel()
                || !twelve.vulkanMemoryModelDeviceScope()
                || !twelve.shaderFloat16()
                || sizes.minSubgroupSize() != 32
                || sizes.maxSubgroupSize() != 32
                || (of.cooperativeMatrixSupportedStages() & VK_SHADER_STAGE_COMPUTE_BIT) == 0) {
            return false;
        }
        IntBuffer count = stack.callocInt(1);
        vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR(physical, count, null);
        try (var all = VkCooperativeMatrixPropertiesKHR.calloc(count.get(0))) {
            all.forEach(VkCooperativeMatrixPropertiesKHR::sType$Default);
            vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR(physical, count, all);
            return all.stream()
                    .anyMatch(m ->
                            m.AType() == VK_COMPONENT_TYPE_FLOAT16_KHR
                                    && m.BType() == VK_COMPONENT_TYPE_FLOAT16_KHR
                                    && m.CType() == VK_COMPONENT_TYPE_FLOAT32_KHR
                                    && m.ResultType() == VK_COMPONENT_TYPE_FLOAT32_KHR
                                    && m.scope() == VK_SCOPE_SUBGROUP_KHR
                                    && m.MSize() == 16
                                    && m.NSize() == 16
                                    && m.KSize() == 16);
        }
    }

    /// Asks for exactly what [#missingFeatures] looked for, and what it may have besides.
    void enable(VkDeviceCreateInfo create, MemoryStack stack) {
        var eleven = VkPhysicalDeviceVulkan11Features.calloc(stack).sType$Default();
        var twelve = VkPhysicalDeviceVulkan12Features.calloc(stack).sType$Default();
        var all = VkPhysicalDeviceFeatures2.calloc(stack).sType$Default();
        all.features().shaderInt64(true).shaderInt16(true);
        eleven.storageBuffer16BitAccess(true);
        twelve.bufferDeviceAddress(true)
                .shaderInt8(true)
                .storageBuffer8BitAccess(true)
                .timelineSemaphore(true);
        // Each goes before those that are there: a structure that is put in loses what followed it.
        create.pNext(all).pNext(eleven).pNext(twelve);
        if (info.matrices()) {
            twelve.vulkanMemoryModel(true).vulkanMemoryModelDeviceScope(true).shaderFloat16(true);
            create.pNext(
                    VkPhysicalDeviceCooperativeMatrixFeaturesKHR.calloc(stack)
                            .sType$Default()
                            .cooperativeMatrix(true));
        }
        if (canDot(physical, extensions, stack)) {
            create.pNext(
                    VkPhysicalDeviceShaderIntegerDotProductFeatures.calloc(stack)
                            .sType$Default()
                            .shaderIntegerDotProduct(true));
        }
    }

    private static Set<String> extensions(VkPhysicalDevice physical, MemoryStack stack) {
        IntBuffer count = stack.callocInt(1);
        if (vkEnumerateDeviceExtensionProperties(physical, (ByteBuffer) null, count, null) < 0) {
            return Set.of();
        }
        try (var found = VkExtensionProperties.malloc(count.get(0))) {
            if (vkEnumerateDeviceExtensionProperties(physical, (ByteBuffer) null, count, found)
                    < 0) {
                return Set.of();
            }
            return found.stream()
                    .map(VkExtensionProperties::extensionNameString)
                    .collect(Collectors.toUnmodifiableSet());
        }
    }
}
