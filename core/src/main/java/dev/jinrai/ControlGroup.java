package dev.jinrai;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// A control group (cgroups(7)), by which Linux bounds the memory of a container or a service.
///
/// @param folder where its files are
/// @param version 1 or 2; the same things have other names
record ControlGroup(Path folder, int version) {

    /// {@return the groups that this process is in, and those around them}
    ///
    /// A container often sees its own group as the root of all: then the folders below do not exist, and say
    /// nothing.
    ///
    /// @param root where `proc` and `sys` are
    static List<ControlGroup> ofThisProcess(Path root) {
        Path mount = root.resolve("sys/fs/cgroup");
        List<ControlGroup> groups = new ArrayList<>();
        for (String line : StatFile.lines(root.resolve("proc/self/cgroup"))) {
            String[] parts = line.split(":", 3); // 0::/a/b of version 2, 4:memory:/a/b of version 1
            if (parts.length < 3) {
                continue;
            }
            if (parts[1].isEmpty()) {
                addUpwards(mount, parts[2], 2, groups);
            } else if (List.of(parts[1].split(",", -1)).contains("memory")) {
                addUpwards(mount.resolve("memory"), parts[2], 1, groups);
            }
        }
        return groups;
    }

    private static void addUpwards(
            Path mount, String group, int version, List<ControlGroup> groups) {
        Path folder = mount.resolve(group.replaceFirst("^/+", "")).normalize();
        groups.add(new ControlGroup(mount, version));
        while (folder != null && folder.startsWith(mount) && !folder.equals(mount)) {
            groups.add(new ControlGroup(folder, version));
            folder = folder.getParent();
        }
    }

    /// {@return the bytes that the group may still use, if it has a limit}
    OptionalLong memoryLeft() {
        boolean first = version == 1;
        OptionalLong limit = number(first ? "memory.limit_in_bytes" : "memory.max");
        if (limit.isEmpty()) {
            return limit;
        }
        long used = number(first ? "memory.usage_in_bytes" : "memory.current").orElse(0);
        // What was read from files counts as used, and is dropped when something else is wanted.
        long caches = stat(first ? "total_active_file" : "active_file");
        caches += stat(first ? "total_inactive_file" : "inactive_file");
        return OptionalLong.of(Math.max(0, limit.getAsLong() - Math.max(0, used - caches)));
    }

    private OptionalLong number(String file) {
        return StatFile.number(folder.resolve(file));
    }

    private long stat(String key) {
        return StatFile.number(folder.resolve("memory.stat"), key).orElse(0);
    }
}
