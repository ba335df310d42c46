package dev.jinrai.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// What a benchmark's calls add up to; JMH prints it per second.
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Moved {
    /// 10⁹ bytes that a call has to read.
    public double gigabytes;

    /// 10⁹ additions and multiplications.
    public double gigaflops;

    void add(long bytes, double flops) {
        gigabytes += bytes / 1e9;
        gigaflops += flops / 1e9;
    }
}
