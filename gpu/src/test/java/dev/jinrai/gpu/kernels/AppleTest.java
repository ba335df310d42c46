package dev.jinrai.gpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.lwjgl.util.spvc.Spvc.*;

import dev.jinrai.gpu.GpuDevice;
import java.nio.IntBuffer;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lwjgl.PointerBuffer;
import org.lwjgl.system.Configuration;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.lwjgl.util.spvc.SpvcReflectedResource;

/// Every kernel is one that Apple's GPUs run: it translates to Metal's language, as MoltenVK does it with the same library, and
/// keeps to what they have.
class AppleTest {
    /// Kernels for other GPUs, which have a twin that Apple's run: `matmul`.
    private static final Set<String> OTHERS =
            Set.of("matmulMatrices", "matmulMatricesCoded", "attentionMatrices");

    /// What MoltenVK has, by the numbers of SPIR-V: Shader, Float16, Int64, Int16, Groups, Int8, the basic, voting, shuffling and
    /// arithmetic operations of subgroups and ballots, storage of 8 and 16 bits, PhysicalStorageBufferAddresses, VulkanMemoryModel,
    /// and integer dot products.
    private static final Set<Integer> CAPABILITIES =
            Set.of(
                    0, 1, 9, 11, 18, 22, 39, 61, 62, 63, 64, 65, 4433, 4434, 4435, 4448, 4449, 4450,
                    5345, 5347, 6019, 6018, 6017, 6016);

    /// `SubgroupSize` and its mask: what depends on it runs on one kind of GPU.
    private static final Set<Integer> SIZES = Set.of(36, 4416, 4417, 4418, 4419, 4420);

    private static final int SHARED_MEMORY = 32 << 10;

    @BeforeAll
    static void quietly() {
        if (Configuration.MEMORY_BACKEND.get() == null) {
            Configuration.MEMORY_BACKEND.set("ffm"); // the default makes the JVM warn
        }
    }

    static List<SpirV> kernels() {
        return SpirV.all().stream().filter(k -> !OTHERS.contains(k.name())).toList();
    }

    @Test
    void allKernelsAreLookedAt() {
        assertThat(kernels()).hasSizeGreaterThan(15);
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void itTranslatesToMetal(SpirV kernel) {
        // 2.3 is of macOS 11, the first on Apple's own chips; 3.0 of macOS 13, which MoltenVK needs
        // for addresses.
        for (int version : new int[] {20300, 30000}) {
            String text = translate(kernel, version);
            assertThat(text).as("%s, %d", kernel, version).contains("kernel void main0(");
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void itsArgumentsAreAtMost128Bytes(SpirV kernel) {
        assertThat(argumentBytes(kernel))
                .as(kernel.name())
                .isBetween(8L, (long) GpuDevice.MAX_ARGUMENTS);
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void itSharesAtMost32KiB(SpirV kernel) {
        assertThat(kernel.sharedBytes()).as(kernel.name()).isLessThanOrEqualTo(SHARED_MEMORY);
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void itNeedsNothingThatMoltenVkLacks(SpirV kernel) {
        assertThat(kernel.capabilities()).as(kernel.name()).isSubsetOf(CAPABILITIES);
    }

    /// A subgroup has 32 invocations there, 8 in the program that plays a GPU here, and 4 to 128 elsewhere.
    @ParameterizedTest
    @MethodSource("kernels")
    void itAssumesNoSizeOfSubgroups(SpirV kernel) {
        assertThat(kernel.builtIns()).as(kernel.name()).doesNotContainAnyElementsOf(SIZES);
    }

    // ---- SPIRV-Cross

    private static String translate(SpirV kernel, int version) {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            PointerBuffer out = stack.mallocPointer(1);
            spvc_context_create(out);
            long context = out.get(0);
            try {
                long compiler = compiler(context, kernel, SPVC_BACKEND_MSL, stack);
                check(context, spvc_compiler_create_compiler_options(compiler, out));
                long options = out.get(0);
                spvc_compiler_options_set_uint(options, SPVC_COMPILER_OPTION_MSL_VERSION, version);
                spvc_compiler_options_set_uint(
                        options, SPVC_COMPILER_OPTION_MSL_PLATFORM, SPVC_MSL_PLATFORM_MACOS);
                check(context, spvc_compiler_install_compiler_options(compiler, options));
                check(context, spvc_compiler_compile(compiler, out));
                return MemoryUtil.memUTF8(out.get(0));
            } finally {
                spvc_context_destroy(context);
            }
        }
    }

    private static long argumentBytes(SpirV kernel) {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            PointerBuffer out = stack.mallocPointer(1);
            PointerBuffer count = stack.mallocPointer(1);
            spvc_context_create(out);
            long context = out.get(0);
            try {
                long compiler = compiler(context, kernel, SPVC_BACKEND_NONE, stack);
                check(context, spvc_compiler_create_shader_resources(compiler, out));
                check(
                        context,
                        spvc_resources_get_resource_list_for_type(
                                out.get(0), SPVC_RESOURCE_TYPE_PUSH_CONSTANT, out, count));
                assertThat(count.get(0)).as("%s: push constants", kernel).isEqualTo(1);
                var block = SpvcReflectedResource.create(out.get(0));
                long type = spvc_compiler_get_type_handle(compiler, block.base_type_id());
                check(context, spvc_compiler_get_declared_struct_size(compiler, type, out));
                return out.get(0);
            } finally {
                spvc_context_destroy(context);
            }
        }
    }

    private static long compiler(long context, SpirV kernel, int backend, MemoryStack stack) {
        IntBuffer words = MemoryUtil.memAllocInt(kernel.words().length);
        try {
            words.put(0, kernel.words());
            PointerBuffer out = stack.mallocPointer(1);
            check(context, spvc_context_parse_spirv(context, words, words.remaining(), out));
            check(
                    context,
                    spvc_context_create_compiler(
                            context, backend, out.get(0), SPVC_CAPTURE_MODE_TAKE_OWNERSHIP, out));
            return out.get(0);
        } finally {
            MemoryUtil.memFree(words);
        }
    }

    private static void check(long context, int result) {
        assertThat(result)
                .as(() -> "SPIRV-Cross: " + spvc_context_get_last_error_string(context))
                .isEqualTo(SPVC_SUCCESS);
    }
}
