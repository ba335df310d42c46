package dev.jinrai.cli;

import dev.jinrai.model.TokenTraffic;
import java.util.List;
import java.util.OptionalDouble;

/// What came out of one test.
///
/// @param samples tokens per second of each repetition, in their order
/// @param peak the most memory the process had used when the test ended
record Measurement(Trial test, List<Double> samples, PeakMemory peak) {

    Measurement {
        samples = List.copyOf(samples);
    }

    /// {@return tokens per second}
    double mean() {
        return samples.stream().mapToDouble(s -> s).average().orElseThrow();
    }

    /// {@return the standard deviation of a sample, as llama-bench has it; none for one repetition}
    OptionalDouble deviation() {
        if (samples.size() == 1) {
            return OptionalDouble.empty();
        }
        double mean = mean();
        double squares = samples.stream().mapToDouble(s -> (s - mean) * (s - mean)).sum();
        return OptionalDouble.of(Math.sqrt(squares / (samples.size() - 1)));
    }

    /// {@return the bytes read per token: weights, keys and values}
    ///
    /// None for a prompt: its tokens share what is read, and it is arithmetic that takes the time.
    OptionalDouble bytesPerToken(TokenTraffic traffic) {
        return switch (test.kind()) {
            case PROMPT -> OptionalDouble.empty();
            case GENERATION -> OptionalDouble.of(traffic.bytes(test.averagePositions()));
        };
    }

    /// {@return the same per second}
    OptionalDouble bytesPerSecond(TokenTraffic traffic) {
        OptionalDouble bytes = bytesPerToken(traffic);
        return bytes.isEmpty() ? bytes : OptionalDouble.of(bytes.getAsDouble() * mean());
    }
}
