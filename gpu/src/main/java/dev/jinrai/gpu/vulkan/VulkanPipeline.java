package dev.jinrai.gpu.vulkan;

import static org.lwjgl.vulkan.VK10.*;

import dev.jinrai.backend.BackendException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.lwjgl.vulkan.VkComputePipelineCreateInfo;
import org.lwjgl.vulkan.VkDevice;
import org.lwjgl.vulkan.VkShaderModuleCreateInfo;
import org.lwjgl.vulkan.VkSpecializationInfo;
import org.lwjgl.vulkan.VkSpecializationMapEntry;

/// Makes pipelines of the kernels in this module: `src/main/glsl/NAME.comp`, compiled by the build to `kernels/NAME.spv`.
final class VulkanPipeline {
    private VulkanPipeline() {}

    /// {@return the handle of a new pipeline}
    ///
    /// @param constants the values of specialization constants 0, 1, 2 …, 32 bits each
    static long create(
            VkDevice device, String deviceName, long layout, String name, int... constants) {
        ByteBuffer code = code(name);
        try (MemoryStack stack = MemoryStack.stackPush()) {
            LongBuffer handle = stack.mallocLong(1);
            var describe = VkShaderModuleCreateInfo.calloc(stack).sType$Default().pCode(code);
            String doing = "preparing kernel '" + name + "'";
            VulkanResult.check(
                    vkCreateShaderModule(device, describe, null, handle), deviceName, doing);
            long module = handle.get(0);
            try {
                var create = VkComputePipelineCreateInfo.calloc(1, stack);
                create.get(0).sType$Default().layout(layout);
                create.get(0)
                        .stage()
                        .sType$Default()
                        .stage(VK_SHADER_STAGE_COMPUTE_BIT)
                        .module(module)
                        .pName(stack.UTF8("main"))
                        .pSpecializationInfo(specialization(stack, constants));
                VulkanResult.check(
                        vkCreateComputePipelines(device, VK_NULL_HANDLE, create, null, handle),
                        deviceName,
                        doing);
                return handle.get(0);
            } finally {
                vkDestroyShaderModule(device, module, null);
            }
        } finally {
            MemoryUtil.memFree(code);
        }
    }

    private static VkSpecializationInfo specialization(MemoryStack stack, int... constants) {
        var entries = VkSpecializationMapEntry.calloc(constants.length, stack);
        for (int i = 0; i < constants.length; i++) {
            entries.get(i).constantID(i).offset(4 * i).size(4);
        }
        ByteBuffer values = stack.malloc(4 * constants.length);
        IntBuffer words = values.asIntBuffer();
        words.put(constants);
        return VkSpecializationInfo.calloc(stack).pMapEntries(entries).pData(values);
    }

    private static ByteBuffer code(String name) {
        String resource = "/dev/jinrai/gpu/kernels/" + name + ".spv";
        try (InputStream in = VulkanPipeline.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new BackendException("kernel '%s' is not in this build".formatted(name));
            }
            byte[] bytes = in.readAllBytes();
            return MemoryUtil.memAlloc(bytes.length).put(bytes).flip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
