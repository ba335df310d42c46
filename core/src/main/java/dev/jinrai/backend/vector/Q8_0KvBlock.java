package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.BlockedKvCache.BLOCK;
import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.INTS;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.splat;

import dev.jinrai.format.EncodableFormat;
import dev.jinrai.format.Q8_0;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Keys or values as [Q8_0]: the codes in one array and the scales, one for every 32 elements of a head's
/// vector, in another, both in the block's [HeadOrder]. Scale `s` of position `p` is for elements
/// `32s … 32s + 31`.
final class Q8_0KvBlock implements KvBlock {
    private static final EncodableFormat FORMAT = new Q8_0();
    private static final int SHARED = 32;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// The API has no species of four bytes: with registers of 128 bits, half of the bytes are not used.
    private static final VectorSpecies<Byte> BYTES =
            COUNT == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

    private final HeadOrder order;
    private final int length;
    private final byte[] codes;
    private final short[] scales;

    Q8_0KvBlock(HeadOrder order, int heads, int length) {
        this.order = order;
        this.length = length;
        codes = new byte[heads * BLOCK * length + BYTES.length() - COUNT];
        scales = new short[heads * BLOCK * length / SHARED];
    }

    @Override
    public void put(int head, int position, float[] src, int at, AttentionScratch scratch) {
        MemorySegment encoded = scratch.encoded;
        int code = order.start(head, position, length);
        int scale = order.start(head, position, length / SHARED);
        for (int i = 0; i < length; i += SHARED, scale += order.step()) {
            FORMAT.encodeBlock(src, at + i, encoded, 0);
            scales[scale] = encoded.get(SHORT, 0);
            for (int j = 0; j < SHARED; j++, code += order.step()) {
                codes[code] = encoded.get(ValueLayout.JAVA_BYTE, Q8_0.QS + j);
            }
        }
    }

    @Override
    public void get(int head, int rows, float[] dst, int stride, AttentionScratch scratch) {
        int columns = order.columns(length);
        int code = order.start(head, 0, length);
        int scale = order.start(head, 0, length / SHARED);
        float[] row = scratch.scales;
        switch (order) {
            case KEYS -> {
                for (int r = 0; r < rows; r++) {
                    if (r % SHARED == 0) {
                        decode(scales, scale + r / SHARED * columns, row, columns);
                    }
                    multiply(codes, code + r * columns, row, dst, r * stride, columns);
                }
            }
            case VALUES -> {
                int perRow = columns / SHARED;
                for (int r = 0; r < rows; r++) {
                    for (int s = 0; s < perRow; s++) {
                        multiply(
                                codes,
                                code + r * columns + s * SHARED,
                                Float.float16ToFloat(scales[scale + r * perRow + s]),
                                dst,
                                r * stride + s * SHARED);
                    }
                }
            }
        }
    }

    private static void decode(short[] src, int from, float[] dst, int count) {
        for (int i = 0; i < count; i++) {
            dst[i] = Float.float16ToFloat(src[from + i]);
        }
    }

    /// `dst[at + i] = codes[from + i] · scales[i]` over `count` values, whole registers.
    private static void multiply(
            byte[] codes, int from, float[] scales, float[] dst, int at, int count) {
        for (int i = 0; i < count; i += COUNT) {
            values(codes, from + i).mul(load(scales, i)).intoArray(dst, at + i);
        }
    }

    /// `dst[at + i] = codes[from + i] · scale` over 32 values.
    private static void multiply(byte[] codes, int from, float scale, float[] dst, int at) {
        for (int i = 0; i < SHARED; i += COUNT) {
            values(codes, from + i).mul(splat(scale)).intoArray(dst, at + i);
        }
    }

    private static FloatVector values(byte[] codes, int at) {
        return floats(
                (IntVector)
                        ByteVector.fromArray(BYTES, codes, at)
                                .convertShape(VectorOperators.B2I, INTS, 0));
    }
}
