package dev.jinrai;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// How many cores there are to compute on.
///
/// Two hardware threads of one core share its arithmetic units, so more threads than cores only
/// add noise. Fast and slow cores count alike: loops are handed out in small runs, and a slow core
/// takes fewer of them.
public final class Cores {
    private static final String ALLOWED = "Cpus_allowed_list:";

    private Cores() {}

    /// {@return the number of physical cores this process may use; never more than the processors
    /// the JVM sees, which honours containers and affinity}
    public static int physical() {
        return physical(
                Path.of("/proc/self/status"),
                Path.of("/sys/devices/system/cpu"),
                Runtime.getRuntime().availableProcessors());
    }

    /// @param status Linux's `/proc/PID/status`; a line of it lists the processors the process may run on
    /// @param topology its `/sys/devices/system/cpu`; says for each processor which share its core
    /// @param processors the number of processors the JVM sees
    static int physical(Path status, Path topology, int processors) {
        Set<String> cores = new HashSet<>();
        try {
            for (int cpu : allowed(status)) {
                Path siblings =
                        topology.resolve("cpu" + cpu).resolve("topology/thread_siblings_list");
                cores.add(Files.readString(siblings).strip());
            }
        } catch (IOException | IllegalArgumentException e) {
            return processors; // not Linux, or it does not say
        }
        return Math.clamp(cores.size(), 1, processors);
    }

    /// {@return the processors' numbers}
    ///
    /// @throws IllegalArgumentException if the file has no such line
    private static int[] allowed(Path status) throws IOException {
        String line =
                Files.readAllLines(status).stream()
                        .filter(l -> l.startsWith(ALLOWED))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException(status + ": " + ALLOWED));
        return List.of(line.substring(ALLOWED.length()).strip().split(",", -1)).stream()
                .flatMapToInt(Cores::range)
                .toArray();
    }

    /// `4-7` or `9`.
    private static IntStream range(String text) {
        int dash = text.indexOf('-');
        int first = Integer.parseInt(dash < 0 ? text : text.substring(0, dash));
        int last = Integer.parseInt(text.substring(dash + 1));
        return IntStream.rangeClosed(first, last);
    }
}
