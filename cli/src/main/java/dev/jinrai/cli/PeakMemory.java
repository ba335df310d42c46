package dev.jinrai.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The most memory that this process has used.
///
/// @param kind what was counted: `resident` is the kernel's own mark, in which the pages of the mapped file
/// that were read count; `heap + mapped file` is what other systems let us say
record PeakMemory(long bytes, String kind) {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String MARK = "VmHWM:";

    /// @param model the file that is mapped
    static PeakMemory now(Path model) {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith(MARK)) { // VmHWM:   123456 kB
                    String kib = line.substring(MARK.length()).strip().split(" ", -1)[0];
                    return new PeakMemory(Long.parseLong(kib) * 1024, "resident");
                }
            }
        } catch (IOException e) {
            // Not Linux.
        }
        return new PeakMemory(
                Runtime.getRuntime().totalMemory() + model.toFile().length(), "heap + mapped file");
    }
}
