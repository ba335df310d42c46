package dev.jinrai;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/// How many cores there are to compute on.
///
/// Two hardware threads of one core share its arithmetic units, so more threads than cores only
/// add noise.
public final class Cores {
    private static final Path LINUX = Path.of("/sys/devices/system/cpu");

    private Cores() {}

    /// {@return the number of physical cores this process may use; never more than the processors
    /// the JVM sees, which honours containers and affinity}
    public static int physical() {
        int processors = Runtime.getRuntime().availableProcessors();
        Set<String> cores = new HashSet<>();
        for (int cpu = 0; cpu < processors; cpu++) {
            Path siblings = LINUX.resolve("cpu" + cpu + "/topology/thread_siblings_list");
            try {
                cores.add(Files.readString(siblings).strip());
            } catch (IOException e) {
                return processors; // not Linux, or it does not say
            }
        }
        return Math.max(1, cores.size());
    }
}
