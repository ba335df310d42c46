package dev.jinrai;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Linux's files, as they are on a machine and in containers.
class MemoryTest {
    private static final long MACHINE = 23541660L * 1024;

    @TempDir private Path root;

    @BeforeEach
    void machine() throws IOException {
        write(
                "proc/meminfo",
                """
                MemTotal:       24659508 kB
                MemFree:          341660 kB
                MemAvailable:   23541660 kB
                Buffers:          123456 kB
                """);
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private void isAvailable(long bytes) {
        assertThat(Memory.available(root)).hasValue(bytes);
    }

    @Test
    void withoutControlGroupsItIsTheMachines() {
        isAvailable(MACHINE);
    }

    @Test
    void otherSystemsDoNotSay() {
        assertThat(Memory.available(root.resolve("none"))).isEmpty();
    }

    @Test
    void theTightestGroupOfVersionTwoCounts() throws IOException {
        write("proc/self/cgroup", "0::/user.slice/app.scope\n");
        write("sys/fs/cgroup/user.slice/memory.max", "3000000\n");
        write("sys/fs/cgroup/user.slice/memory.current", "500000\n");
        write("sys/fs/cgroup/user.slice/app.scope/memory.max", "max\n");
        write("sys/fs/cgroup/user.slice/app.scope/memory.current", "500000\n");
        isAvailable(2500000);

        write("sys/fs/cgroup/user.slice/app.scope/memory.max", "2000000\n");
        isAvailable(1500000);
    }

    /// What the group has read from files is in its use, and is dropped when something else is wanted.
    @Test
    void cachesOfFilesCountAsAvailable() throws IOException {
        write("proc/self/cgroup", "0::/\n");
        write("sys/fs/cgroup/memory.max", "3000000");
        write("sys/fs/cgroup/memory.current", "2900000");
        write(
                "sys/fs/cgroup/memory.stat",
                "anon 100000\nfile 2800000\nshmem 300000\nactive_file 1000000\ninactive_file"
                        + " 1500000\n");
        isAvailable(2600000);
    }

    @Test
    void aContainerOfVersionOneSeesItsOwnGroupAsTheRoot() throws IOException {
        write(
                "proc/self/cgroup",
                "12:cpu,cpuacct:/docker/0123\n"
                        + "4:memory:/docker/0123\n"
                        + "1:name=systemd:/docker/0123\n"
                        + "0::/\n");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "8000000");
        write("sys/fs/cgroup/memory/memory.usage_in_bytes", "2000000");
        write(
                "sys/fs/cgroup/memory/memory.stat",
                "inactive_file 1\ntotal_inactive_file 1000000\ntotal_active_file 500000\n");
        isAvailable(7500000);
    }

    @Test
    void versionOneOutsideOfContainers() throws IOException {
        write("proc/self/cgroup", "4:memory,hugetlb:/batch/job\n");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");
        write("sys/fs/cgroup/memory/memory.usage_in_bytes", "900000000");
        write("sys/fs/cgroup/memory/batch/job/memory.limit_in_bytes", "5000000");
        isAvailable(5000000);
    }

    @Test
    void groupsWithoutALimitAndNonsenseSayNothing() throws IOException {
        write("proc/self/cgroup", "0::/../../elsewhere\nx\n\n7:memory\n");
        write("sys/fs/cgroup/memory.max", "max\n");
        isAvailable(MACHINE);

        write("sys/fs/cgroup/memory.max", "lots\n");
        isAvailable(MACHINE);
    }

    @Test
    void aGroupThatIsFullHasNothingLeft() throws IOException {
        write("proc/self/cgroup", "0::/\n");
        write("sys/fs/cgroup/memory.max", "3000000");
        write("sys/fs/cgroup/memory.current", "3100000");
        isAvailable(0);
    }
}
