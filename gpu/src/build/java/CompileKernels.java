import static org.lwjgl.system.MemoryUtil.memFree;
import static org.lwjgl.system.MemoryUtil.memUTF8;
import static org.lwjgl.util.shaderc.Shaderc.*;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.lwjgl.util.shaderc.ShadercIncludeResolve;
import org.lwjgl.util.shaderc.ShadercIncludeResult;
import org.lwjgl.util.shaderc.ShadercIncludeResultRelease;

/// Compiles GLSL kernels to SPIR-V 1.5 (Vulkan 1.2): every `NAME.comp` of a folder becomes `NAME.spv` in another.
/// Run by the build from its source: `java CompileKernels.java FROM TO [FROM TO]…`.
///
/// A source that says `#pragma variant CODED` is compiled a second time, with CODED defined, to `NAMECoded.spv`.
/// `#include "x.glsl"` is a file beside the one that says so. Errors are one line each, with file and line, and the exit code 1.
final class CompileKernels {
    private static final Pattern VARIANT = Pattern.compile("(?m)^#pragma variant (\\w)(\\w*)$");

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
        List<Kernel> kernels = new ArrayList<>();
        for (Path source : list(from, ".comp")) {
            String text = Files.readString(source);
            String name = source.getFileName().toString().replaceFirst("\\.comp$", "");
            kernels.add(new Kernel(source, text, name, ""));
            VARIANT.matcher(text)
                    .results()
                    .forEach(m ->
                            kernels.add(
                                    new Kernel(
                                            source,
                                            text,
                                            name + m.group(1) + m.group(2).toLowerCase(Locale.ROOT),
                                            m.group(1) + m.group(2))));
        }
        return kernels.parallelStream()
                .map(kernel -> compile(kernel, to))
                .reduce(true, Boolean::logicalAnd);
    }

    /// @param defined a macro, or nothing
    private record Kernel(Path source, String text, String name, String defined) {}

    private static List<Path> list(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().endsWith(ending)).sorted().toList();
        }
    }

    private boolean compile(Kernel kernel, Path to) {
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
            if (!kernel.defined().isEmpty()) {
                shaderc_compile_options_add_macro_definition(options, kernel.defined(), "");
            }
            ByteBuffer text = memUTF8(kernel.text(), false);
            ByteBuffer file = memUTF8(shown(kernel.source()));
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
                Files.write(to.resolve(kernel.name() + ".spv"), bytes);
                return true;
            } finally {
                shaderc_result_release(result);
            }
        } catch (IOException e) {
            System.err.println("[ERROR] " + shown(kernel.source()) + ": " + e);
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
