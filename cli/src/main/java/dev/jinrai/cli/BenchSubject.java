package dev.jinrai.cli;

import dev.jinrai.Model;
import dev.jinrai.arch.Architecture;
import dev.jinrai.arch.Architectures;
import dev.jinrai.backend.KvType;
import dev.jinrai.backend.Tensor;
import dev.jinrai.model.Checkpoint;
import dev.jinrai.model.TokenTraffic;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;

/// What all tests of a run have in common.
///
/// @param modelBytes of its tensors
/// @param parameters the number of its weights
/// @param device what the backend runs on
/// @param kvType how keys and values were stored
/// @param threads that computed, which need not be those asked for
/// @param readBandwidth what `threads` threads can read from memory, in bytes per second; none if it was not measured
record BenchSubject(
        Path file,
        long modelBytes,
        long parameters,
        TokenTraffic traffic,
        String backend,
        String device,
        int threads,
        Machine machine,
        OptionalDouble readBandwidth,
        KvType kvType) {

    static BenchSubject of(Model model, OptionalDouble readBandwidth) {
        Checkpoint checkpoint = model.checkpoint();
        Architecture architecture = Architectures.named(checkpoint.metadata().architecture());
        List<Tensor> tensors =
                checkpoint.tensorNames().stream()
                        .map(name -> checkpoint.tensor(name).orElseThrow())
                        .toList();
        return new BenchSubject(
                model.file(),
                tensors.stream().mapToLong(tensor -> tensor.data().byteSize()).sum(),
                tensors.stream().mapToLong(BenchSubject::weights).sum(),
                TokenTraffic.of(
                        model.config(),
                        model.kvLayout().type(),
                        checkpoint,
                        architecture.consumed()),
                model.backend().name(),
                model.backend().device(),
                model.backend().threads(),
                Machine.here(),
                readBandwidth,
                model.kvLayout().type());
    }

    /// {@return what part of the bandwidth `bytesPerSecond` is, where both are known}
    OptionalDouble fraction(OptionalDouble bytesPerSecond) {
        return bytesPerSecond.isPresent() && readBandwidth.isPresent()
                ? OptionalDouble.of(bytesPerSecond.getAsDouble() / readBandwidth.getAsDouble())
                : OptionalDouble.empty();
    }

    private static long weights(Tensor tensor) {
        return (long) tensor.slices() * tensor.rows() * tensor.columns();
    }
}
