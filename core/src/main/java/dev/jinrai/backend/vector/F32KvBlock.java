package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.BlockedKvCache.BLOCK;

/// Keys or values as they come.
final class F32KvBlock implements KvBlock {
    private final HeadOrder order;
    private final int length;
    private final float[] data;

    F32KvBlock(HeadOrder order, int heads, int length) {
        this.order = order;
        this.length = length;
        data = new float[heads * BLOCK * length];
    }

    @Override
    public void put(int head, int position, float[] src, int at, AttentionScratch scratch) {
        int to = order.start(head, position, length);
        for (int i = 0; i < length; i++, to += order.step()) {
            data[to] = src[at + i];
        }
    }

    @Override
    public void get(int head, int rows, float[] dst, int stride, AttentionScratch scratch) {
        int columns = order.columns(length);
        int from = order.start(head, 0, length);
        for (int r = 0; r < rows; r++) {
            System.arraycopy(data, from + r * columns, dst, r * stride, columns);
        }
    }
}
