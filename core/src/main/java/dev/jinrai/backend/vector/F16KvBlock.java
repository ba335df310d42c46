package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.BlockedKvCache.BLOCK;

/// Keys or values as halves.
final class F16KvBlock implements KvBlock {
    private final HeadOrder order;
    private final int length;
    private final short[] data;

    F16KvBlock(HeadOrder order, int heads, int length) {
        this.order = order;
        this.length = length;
        data = new short[heads * BLOCK * length];
    }

    @Override
    public void put(int head, int position, float[] src, int at, AttentionScratch scratch) {
        int to = order.start(head, position, length);
        for (int i = 0; i < length; i++, to += order.step()) {
            data[to] = Float.floatToFloat16(src[at + i]);
        }
    }

    @Override
    public void get(int head, int rows, float[] dst, int stride, AttentionScratch scratch) {
        int columns = order.columns(length);
        int from = order.start(head, 0, length);
        if (columns == stride) {
            decode(data, from, dst, 0, rows * columns);
            return;
        }
        for (int r = 0; r < rows; r++) {
            decode(data, from + r * columns, dst, r * stride, columns);
        }
    }

    /// A loop that C2 turns into the processor's own conversions, which the Vector API does not have.
    private static void decode(short[] src, int from, float[] dst, int at, int count) {
        for (int i = 0; i < count; i++) {
            dst[at + i] = Float.float16ToFloat(src[from + i]);
        }
    }
}
