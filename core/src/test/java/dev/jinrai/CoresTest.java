package dev.jinrai;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Machines, as Linux describes them.
class CoresTest {
    @TempDir Path machine;

    @Test
    void twoHardwareThreadsAreOneCore() throws IOException {
        processors("0,4", "1,5", "2,6", "3,7", "0,4", "1,5", "2,6", "3,7");

        assertThat(physical("0-7", 8)).isEqualTo(4);
    }

    @Test
    void onlyProcessorsTheProcessMayRunOnCount() throws IOException {
        processors("0-1", "0-1", "2-3", "2-3", "4-5", "4-5");

        assertThat(physical("0", 1)).isEqualTo(1);
        assertThat(physical("4-5", 2)).isEqualTo(1);
        assertThat(physical("1,2,5", 3)).isEqualTo(3);
        assertThat(physical("0-1,4-5", 4)).isEqualTo(2);
    }

    @Test
    void aContainersQuotaIsTheMost() throws IOException {
        processors("0", "1", "2", "3");

        assertThat(physical("0-3", 2)).isEqualTo(2);
        assertThat(physical("0-3", 1)).isEqualTo(1);
    }

    @Test
    void fastAndSlowCoresCountAlike() throws IOException {
        processors("0-1", "0-1", "2", "3"); // one core with two threads, two without

        assertThat(physical("0-3", 4)).isEqualTo(3);
    }

    @Test
    void aSystemThatDoesNotSayHasACoreForEachProcessor() throws IOException {
        assertThat(Cores.physical(machine.resolve("none"), machine, 6)).isEqualTo(6);
        assertThat(physical("0-3", 4)).isEqualTo(4); // no topology
        assertThat(physical("", 4)).isEqualTo(4);
        assertThat(physical("all", 4)).isEqualTo(4);
    }

    @Test
    void thisMachineHasACore() {
        assertThat(Cores.physical()).isBetween(1, Runtime.getRuntime().availableProcessors());
    }

    private int physical(String allowed, int processors) throws IOException {
        Path status = machine.resolve("status");
        Files.writeString(
                status, "Name:\tjava\nCpus_allowed:\tff\nCpus_allowed_list:\t" + allowed + "\n");
        return Cores.physical(status, machine, processors);
    }

    /// @param siblings for each processor, the list of those in its core
    private void processors(String... siblings) throws IOException {
        for (int cpu = 0; cpu < siblings.length; cpu++) {
            Path topology = machine.resolve("cpu" + cpu).resolve("topology");
            Files.createDirectories(topology);
            Files.writeString(topology.resolve("thread_siblings_list"), siblings[cpu] + "\n");
        }
    }
}
