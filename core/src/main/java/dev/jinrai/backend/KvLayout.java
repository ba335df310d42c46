package dev.jinrai.backend;

import java.util.List;

/// The shape of a [KvCache].
///
/// @param layers the heads of each layer
/// @param capacity the number of positions it can come to hold
/// @param type how keys and values are stored; it holds the heads of every layer
public record KvLayout(List<Layer> layers, int capacity, KvType type) {

    public KvLayout {
        layers = List.copyOf(layers);
        for (Layer layer : layers) {
            if (!type.holds(layer.keyLength) || !type.holds(layer.valueLength)) {
                throw new IllegalArgumentException(
                        "%s does not hold heads of %d and %d values"
                                .formatted(type.label(), layer.keyLength, layer.valueLength));
            }
        }
    }

    /// One layer's share: per position, `kvHeads` keys and as many values.
    public record Layer(int kvHeads, int keyLength, int valueLength) {}

    /// {@return the size of one position over all layers, in bytes}
    public long bytesPerPosition() {
        return layers.stream()
                .mapToLong(l ->
                        type.format().byteSize((long) l.kvHeads * (l.keyLength + l.valueLength)))
                .sum();
    }
}
