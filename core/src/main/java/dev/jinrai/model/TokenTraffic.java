package dev.jinrai.model;

import dev.jinrai.backend.KvType;
import dev.jinrai.backend.Tensor;
import java.util.Set;

/// What a machine has to read from memory to generate one token, the floor of its time: every weight once,
/// and the keys and values of every position so far.
///
/// Of a mixture's experts only those one token is routed to count; of an embedding that is not the output
/// matrix too, one row. Weights count as they are stored in the file.
///
/// @param weightBytes of weights
/// @param bytesPerPosition of keys and values over all layers
public record TokenTraffic(long weightBytes, long bytesPerPosition) {
    private static final String EMBEDDING = "token_embd.weight";
    private static final String OUTPUT = "output.weight";

    /// {@return the traffic of a model that [Weights#bind] accepts}
    ///
    /// @param type how keys and values are stored
    /// @param consumed tensors that no pass reads, such as RoPE factors
    public static TokenTraffic of(
            ModelConfig config, KvType type, Checkpoint checkpoint, Set<String> consumed) {
        boolean tied = !checkpoint.tensorNames().contains(OUTPUT);
        long bytes = 0;
        for (String name : checkpoint.tensorNames()) {
            if (!consumed.contains(name)) {
                Tensor tensor = checkpoint.tensor(name).orElseThrow();
                boolean looksUpOneRow = name.equals(EMBEDDING) && !tied;
                bytes += looksUpOneRow ? tensor.rowBytes() : bytesRead(tensor, config);
            }
        }
        return new TokenTraffic(bytes, config.kvLayout(1, type).bytesPerPosition());
    }

    /// A stack of several matrices has one for each expert.
    private static long bytesRead(Tensor tensor, ModelConfig config) {
        long bytes = tensor.data().byteSize();
        return tensor.slices() == 1 ? bytes : bytes / tensor.slices() * expertsUsed(config);
    }

    private static int expertsUsed(ModelConfig config) {
        int used = 1;
        for (ModelConfig.Layer layer : config.layers()) {
            if (layer.feedForward() instanceof ModelConfig.FeedForward.Experts experts) {
                used = Math.max(used, experts.used());
            }
        }
        return used;
    }

    /// {@return the bytes read for a token that attends to `positions` positions, itself included; of several
    /// tokens their average number}
    public double bytes(double positions) {
        return weightBytes + bytesPerPosition * positions;
    }
}
