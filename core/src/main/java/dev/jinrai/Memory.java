package dev.jinrai;

import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/// The memory that a model may have, in bytes.
///
/// @param available what the system can give without swapping, the caches of files included; none if it does not
/// say, as only Linux does
/// @param heap what the Java heap may grow to
public record Memory(OptionalLong available, long heap) {

    /// {@return what there is now}
    public static Memory here() {
        return new Memory(available(Path.of("/")), Runtime.getRuntime().maxMemory());
    }

    /// {@return the least of what the machine has (`MemAvailable`, proc_meminfo(5)) and what each control group
    /// of this process has left}
    ///
    /// @param root where `proc` and `sys` are
    static OptionalLong available(Path root) {
        LongStream machine =
                StatFile.number(root.resolve("proc/meminfo"), "MemAvailable:").stream()
                        .map(kib -> kib * 1024);
        LongStream groups =
                ControlGroup.ofThisProcess(root).stream()
                        .flatMapToLong(group -> group.memoryLeft().stream());
        return LongStream.concat(machine, groups).min();
    }
}
