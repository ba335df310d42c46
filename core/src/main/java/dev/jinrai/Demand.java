package dev.jinrai;

import dev.jinrai.backend.Home;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.Weight;
import dev.jinrai.model.ModelConfig;
import dev.jinrai.model.Transformer;
import dev.jinrai.model.Weights;
import java.util.Arrays;
import java.util.List;

/// What a model asks of the memory of a device that it runs on, part by part.
///
/// @param layers the weights of each layer, in bytes
/// @param ends the weights of no layer, embedding and output, in bytes
/// @param layout the keys and values of each layer; of any capacity
/// @param activations the activations of the longest passes, in bytes
/// @param logits the logits that are wanted at once, in bytes
/// @param contextLength the positions that the model was trained for
record Demand(
        List<Long> layers,
        long ends,
        KvLayout layout,
        long activations,
        long logits,
        int contextLength) {
    Demand {
        layers = List.copyOf(layers);
    }

    static Demand of(ModelConfig config, Weights.Found found, KvType type) {
        var count = new Count(config.layers().size());
        found.upload(count);
        return new Demand(
                Arrays.stream(count.layers).boxed().toList(),
                count.ends,
                config.kvLayout(1, type),
                Transformer.activationBytes(config),
                (long) Session.CHUNK * config.vocabularySize() * Float.BYTES,
                config.contextLength());
    }

    /// A weight that nobody can multiply with: its shape is all that is wanted.
    record Shape(String name, int slices, int rows, int columns) implements Weight {
        static Shape of(Tensor tensor) {
            return new Shape(tensor.name(), tensor.slices(), tensor.rows(), tensor.columns());
        }
    }

    /// Counts bytes instead of bringing them somewhere.
    private static final class Count implements Home {
        private final long[] layers;
        private long ends;

        Count(int layers) {
            this.layers = new long[layers];
        }

        @Override
        public Weight upload(Tensor tensor) {
            ends += tensor.data().byteSize();
            return Shape.of(tensor);
        }

        @Override
        public Home layer(int layer) {
            return tensor -> {
                layers[layer] += tensor.data().byteSize();
                return Shape.of(tensor);
            };
        }
    }
}
