package dev.jinrai.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a measurement was made on.
///
/// @param cpu the processor's name
/// @param system the operating system and its architecture
/// @param jdk the version of Java and who built it
record Machine(String cpu, String system, String jdk) {
    private static final Path LINUX = Path.of("/proc/cpuinfo");

    static Machine here() {
        String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        return new Machine(
                cpuName(),
                system,
                "Java %s (%s)".formatted(Runtime.version(), System.getProperty("java.vendor")));
    }

    private static String cpuName() {
        try {
            for (String line : Files.readAllLines(LINUX)) {
                if (line.startsWith("model name")) { // model name : AMD EPYC 9355
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        } catch (IOException e) {
            // Not Linux.
        }
        String windows = System.getenv().getOrDefault("PROCESSOR_IDENTIFIER", "");
        return windows.isEmpty() ? "unnamed processor" : windows;
    }
}
