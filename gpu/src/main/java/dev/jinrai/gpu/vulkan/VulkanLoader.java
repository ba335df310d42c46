package dev.jinrai.gpu.vulkan;

import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.Locale;
import java.util.Optional;
import org.lwjgl.system.Configuration;
import org.lwjgl.vulkan.VK;

/// The system's Vulkan loader, the library that finds the drivers.
///
/// LWJGL unpacks its native library and prints several lines when it does not find the loader, so the JDK looks first.
final class VulkanLoader {
    private VulkanLoader() {}

    /// Loads Vulkan. Never throws.
    ///
    /// @return why it cannot be loaded, in one sentence with the remedy; nothing if it is loaded
    static Optional<String> load() {
        try {
            Optional<String> missing = missing();
            if (missing.isPresent()) {
                return missing;
            }
            if (Configuration.MEMORY_BACKEND.get() == null) {
                // The default, sun.misc.Unsafe, makes the JVM warn.
                Configuration.MEMORY_BACKEND.set("ffm");
            }
            if (Configuration.DEBUG.get() == null) {
                // What it would print comes back as an error.
                Configuration.DEBUG_STREAM.set(new PrintStream(OutputStream.nullOutputStream()));
            }
            VK.getFunctionProvider();
            return Optional.empty();
        } catch (RuntimeException | LinkageError e) {
            return Optional.of("the Vulkan library cannot be loaded: " + innermost(e));
        }
    }

    private static Optional<String> missing() {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        if (system.contains("mac")) {
            if (bundled() || exists("libvulkan.1.dylib")) {
                return Optional.empty();
            }
            return Optional.of(
                    "MoltenVK is not in this build and libvulkan.1.dylib is not installed; start"
                            + " Java with --add-modules org.lwjgl.vulkan.natives, or install the"
                            + " Vulkan SDK");
        }
        if (system.contains("windows")) {
            return exists("vulkan-1.dll")
                    ? Optional.empty()
                    : Optional.of("vulkan-1.dll is missing; install the GPU vendor's driver");
        }
        return exists("libvulkan.so.1")
                ? Optional.empty()
                : Optional.of(
                        "libvulkan.so.1 is missing; install the package libvulkan1 (Debian, Ubuntu)"
                            + " or vulkan-loader (Fedora, Arch: vulkan-icd-loader), and the GPU's"
                            + " driver");
    }

    @SuppressWarnings("restricted") // loads it, as LWJGL would, and calls nothing
    private static boolean exists(String library) {
        String name = System.getProperty("org.lwjgl.vulkan.libname", library);
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup.libraryLookup(name, arena);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /// Whether LWJGL's build of MoltenVK is on the module or class path.
    private static boolean bundled() {
        String arch = System.getProperty("os.arch", "").equals("aarch64") ? "arm64" : "x64";
        String place = "macos/" + arch + "/org/lwjgl/vulkan/libMoltenVK.dylib";
        return VK.class.getClassLoader().getResource(place) != null;
    }

    private static String innermost(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
