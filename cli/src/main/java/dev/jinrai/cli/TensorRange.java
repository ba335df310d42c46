package dev.jinrai.cli;

import dev.jinrai.format.Format;
import dev.jinrai.format.Formats;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// What the weights of a tensor are like, every one of them decoded.
///
/// @param values none if the type holds integers, or this build cannot decode it
record TensorRange(TensorInfo tensor, Optional<Values> values) {

    /// @param min of the finite ones; +∞ if there is none
    /// @param max of the finite ones; −∞ if there is none
    record Values(float min, float max, long nans, long infinities) {}

    static TensorRange of(Gguf gguf, TensorInfo tensor) {
        if (!Formats.supports(tensor.type())) {
            return new TensorRange(tensor, Optional.empty());
        }
        var count = new Count();
        decode(gguf, tensor, count);
        return new TensorRange(
                tensor,
                Optional.of(new Values(count.min, count.max, count.nans, count.infinities)));
    }

    /// {@return whether the weights are integers, or all were decoded and are finite}
    boolean sound() {
        return values.map(v -> v.nans() == 0 && v.infinities() == 0).orElse(integers());
    }

    /// {@return whether the type holds integers, about which there is nothing to verify}
    boolean integers() {
        return switch (tensor.type()) {
            case I8, I16, I32, I64 -> true;
            default -> false;
        };
    }

    /// Receives decoded weights, a chunk at a time.
    @FunctionalInterface
    interface Receiver<E extends Exception> {
        void accept(float[] weights, int count) throws E;
    }

    /// Decodes a tensor in chunks of whole blocks, so that memory stays small.
    static <E extends Exception> void decode(Gguf gguf, TensorInfo tensor, Receiver<E> receiver)
            throws E {
        Format format = Formats.of(tensor.type());
        MemorySegment data = gguf.data(tensor);
        float[] chunk = new float[1 << 16]; // a multiple of every block length
        long offset = 0;
        for (long left = tensor.elements(); left > 0; ) {
            int count = (int) Math.min(left, chunk.length);
            format.decode(data, offset, chunk, 0, count);
            receiver.accept(chunk, count);
            offset += format.byteSize(count);
            left -= count;
        }
    }

    private static final class Count implements Receiver<RuntimeException> {
        private float min = Float.POSITIVE_INFINITY;
        private float max = Float.NEGATIVE_INFINITY;
        private long nans;
        private long infinities;

        @Override
        public void accept(float[] weights, int count) {
            for (int i = 0; i < count; i++) {
                float w = weights[i];
                if (Float.isFinite(w)) {
                    min = Math.min(min, w);
                    max = Math.max(max, w);
                } else if (Float.isNaN(w)) {
                    nans++;
                } else {
                    infinities++;
                }
            }
        }
    }
}
