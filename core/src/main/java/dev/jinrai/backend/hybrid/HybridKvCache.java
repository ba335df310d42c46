package dev.jinrai.backend.hybrid;

import dev.jinrai.backend.KvCache;

/// One timeline in two caches, each with the layers of its side.
final class HybridKvCache implements KvCache {
    private final KvCache host;
    private final KvCache device;
    private final int[] indexes;

    /// @param indexes where each layer of the model comes among its side's
    HybridKvCache(KvCache host, KvCache device, int[] indexes) {
        this.host = host;
        this.device = device;
        this.indexes = indexes;
    }

    KvCache on(Side side) {
        return switch (side) {
            case HOST -> host;
            case DEVICE -> device;
        };
    }

    /// {@return where a layer comes among its side's}
    int index(int layer) {
        return indexes[layer];
    }

    @Override
    public int length() {
        return host.length();
    }

    @Override
    public int capacity() {
        return host.capacity();
    }

    @Override
    public void advance(int positions) {
        host.advance(positions);
        device.advance(positions);
    }

    @Override
    public void truncate(int length) {
        host.truncate(length);
        device.truncate(length);
    }

    @Override
    public void close() {
        try {
            device.close();
        } finally {
            host.close();
        }
    }
}
