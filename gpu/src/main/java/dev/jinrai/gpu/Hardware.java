package dev.jinrai.gpu;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// What the system says of its GPUs without a driver, in a moment.
final class Hardware {
    private Hardware() {}

    static boolean isMac() {
        return system().contains("mac");
    }

    private static String system() {
        return System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    }

    /// {@return false if there is certainly no GPU that computes: Linux shows every one as a file}
    static boolean mayHaveGpu() {
        return !system().contains("linux") || mayHaveGpu(Path.of("/dev"));
    }

    /// @param devices the folder of the system's devices
    static boolean mayHaveGpu(Path devices) {
        // The kernel's own drivers; NVIDIA's; Windows' under WSL; those of Arm's and Qualcomm's
        // telephones.
        return has(devices.resolve("dri"), "renderD*")
                || has(devices, "nvidia[0-9]*")
                || has(devices, "{dxg,mali*,kgsl-3d*}");
    }

    private static boolean has(Path folder, String names) {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, names)) {
            return found.iterator().hasNext();
        } catch (IOException e) {
            return true; // the driver will know
        }
    }
}
