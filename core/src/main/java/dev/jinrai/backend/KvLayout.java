package dev.jinrai.backend;

import java.util.List;

/// The shape of a [KvCache].
///
/// @param layers the heads of each layer
/// @param capacity the number of positions it can come to hold
public record KvLayout(List<Layer> layers, int capacity) {

    public KvLayout {
        layers = List.copyOf(layers);
    }

    /// One layer's share: per position, `kvHeads` keys and as many values.
    public record Layer(int kvHeads, int keyLength, int valueLength) {}

    /// {@return the size of one position over all layers, in bytes, stored as f32}
    public long bytesPerPosition() {
        return layers.stream().mapToLong(l -> 4L * l.kvHeads * (l.keyLength + l.valueLength)).sum();
    }
}
