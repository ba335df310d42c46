import static org.lwjgl.system.MemoryUtil.memFree;
import static org.lwjgl.system.MemoryUtil.memUTF8;
import static org.lwjgl.util.shaderc.Shaderc.*;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.lwjgl.util.shaderc.ShadercIncludeResolve;
import org.lwjgl.util.shaderc.ShadercIncludeResult;
import org.lwjgl.util.shaderc.ShadercIncludeResultRelease;

/// Compiles GLSL kernels to SPIR-V 1.5 (Vulkan 1.2): every `NAME.comp` of a folder becomes `NAME.spv` in another.
/// Run by the build from its source: `java CompileKernels.java FROM TO [FROM TO]…`.
///
/// `#include "x.glsl"` is a file beside the one that says so. Errors are one line each, with file and line, and the exit code 1.
final class CompileKernels {
    private final Path here = Path.of("").toAbsolutePath();

    public static void main(String[] folders) throws IOException {
        boolean well = true;
        for (int i = 0; i < folders.length; i += 2) {
            well &= new CompileKernels().compileAll(Path.of(folders[i]), Path.of(folders[i + 1]));
        }
        System.exit(well ? 0 : 1);
    }

    private boolean compileAll(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        for (Path old : list(to, ".spv")) {
            Files.delete(old);
        }
        return list(from, ".comp").parallelStream()
                .map(source -> compile(source, to))
                .reduce(true, Boolean::logicalAnd);
    }

    private static List<Path> list(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().endsWith(ending)).sorted().toList();
        }
    }

    private boolean compile(Path source, Path to) {
        long compiler = shaderc_compiler_initialize();
        long options = shaderc_compile_options_initialize();
        try (var resolve = ShadercIncludeResolve.create(CompileKernels::include);
                var release = ShadercIncludeResultRelease.create(CompileKernels::release)) {
            shaderc_compile_options_set_target_env(
                    options, shaderc_target_env_vulkan, shaderc_env_version_vulkan_1_2);
            shaderc_compile_options_set_target_spirv(options, shaderc_spirv_version_1_5);
            shaderc_compile_options_set_optimization_level(
                    options, shaderc_optimization_level_performance);
            shaderc_compile_options_set_warnings_as_errors(options);
            shaderc_compile_options_set_include_callbacks(options, resolve, release, 0);
            String name = source.getFileName().toString();
            ByteBuffer text = memUTF8(Files.readString(source), false);
            ByteBuffer file = memUTF8(shown(source));
            ByteBuffer entry = memUTF8("main");
            long result =
                    shaderc_compile_into_spv(
                            compiler, text, shaderc_compute_shader, file, entry, options);
            memFree(text);
            memFree(file);
            memFree(entry);
            try {
                if (shaderc_result_get_compilation_status(result)
                        != shaderc_compilation_status_success) {
                    String said = shaderc_result_get_error_message(result);
                    said.lines().forEach(line -> System.err.println("[ERROR] " + line));
                    return false;
                }
                ByteBuffer code = shaderc_result_get_bytes(result);
                byte[] bytes = new byte[code.remaining()];
                code.get(bytes);
                Files.write(to.resolve(name.replaceFirst("\\.comp$", ".spv")), bytes);
                return true;
            } finally {
                shaderc_result_release(result);
            }
        } catch (IOException e) {
            System.err.println("[ERROR] " + shown(source) + ": " + e);
            return false;
        } finally {
            shaderc_compile_options_release(options);
            shaderc_compiler_release(compiler);
        }
    }

    /// A path as an error names it: from where the build was started, if it lies there.
    private String shown(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        return (absolute.startsWith(here) ? here.relativize(absolute) : absolute).toString();
    }

    private static long include(long data, long wanted, int type, long asking, long depth) {
        Path file = Path.of(memUTF8(asking)).resolveSibling(memUTF8(wanted));
        String name;
        String text;
        try {
            text = Files.readString(file);
            name = file.toString();
        } catch (IOException e) {
            text = "there is no file " + file;
            name = ""; // says that it failed, and that the text is the reason
        }
        ByteBuffer named = memUTF8(name, false);
        ByteBuffer content = memUTF8(text, false);
        return ShadercIncludeResult.calloc().source_name(named).content(content).address();
    }

    private static void release(long data, long result) {
        ShadercIncludeResult include = ShadercIncludeResult.create(result);
        memFree(include.source_name());
        memFree(include.content());
        include.free();
    }
}
