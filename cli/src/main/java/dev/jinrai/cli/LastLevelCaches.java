package dev.jinrai.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// The caches before memory, as Linux describes them (`Documentation/ABI/testing/sysfs-devices-system-cpu`).
///
/// A processor of many cores has several: an EPYC one for every eight cores.
final class LastLevelCaches {
    private LastLevelCaches() {}

    /// {@return the sizes of all of them together, in bytes; 0 where the system does not say}
    ///
    /// @param cpus `/sys/devices/system/cpu`
    static long bytes(Path cpus) {
        // Each core describes its own, and says which cores share it.
        Map<String, Long> sizes = new HashMap<>();
        try (DirectoryStream<Path> cores = Files.newDirectoryStream(cpus, "cpu[0-9]*")) {
            for (Path core : cores) {
                addLast(core.resolve("cache"), sizes);
            }
        } catch (IOException e) {
            return 0; // not Linux
        }
        return sizes.values().stream().mapToLong(Long::longValue).sum();
    }

    private static void addLast(Path caches, Map<String, Long> sizes) {
        int last = 0;
        String cores = "";
        long size = 0;
        try (DirectoryStream<Path> each = Files.newDirectoryStream(caches, "index[0-9]*")) {
            for (Path cache : each) {
                int level = Integer.parseInt(text(cache, "level"));
                if (level > last) {
                    String kib = text(cache, "size"); // 32768K
                    size = Long.parseLong(kib.substring(0, kib.length() - 1)) * 1024;
                    cores = text(cache, "shared_cpu_list");
                    last = level;
                }
            }
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
            return; // this core says nothing, as one that is offline
        }
        if (last > 0) {
            sizes.put(cores, size);
        }
    }

    private static String text(Path cache, String name) throws IOException {
        return Files.readString(cache.resolve(name)).strip();
    }
}
