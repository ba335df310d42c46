package dev.jinrai.backend.scalar;

import static dev.jinrai.backend.HeapBuffer.data;

import dev.jinrai.backend.Activation;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Heads;
import dev.jinrai.backend.HeapBuffer;
import dev.jinrai.backend.HeapRouting;
import dev.jinrai.backend.KvCache;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.Rope;
import dev.jinrai.backend.Routing;
import dev.jinrai.backend.Shapes;
import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.TensorWeight;
import dev.jinrai.backend.Weight;
import java.util.Arrays;

/// The specification: plain loops, sums in `double`, no threads, no cleverness.
///
/// Every verb rounds to f32 once, when it stores its result. Keep the code readable rather than
/// fast; speed here costs the project its definition.
public final class ScalarBackend implements Backend {

    /// A weight stays in its file and is decoded row by row.
    private record ScalarWeight(Tensor tensor) implements TensorWeight {
        float[] row(int slice, int row) {
            float[] result = new float[tensor.columns()];
            tensor.format()
                    .decode(tensor.data(), tensor.offset(slice, row), result, 0, result.length);
            return result;
        }
    }

    @Override
    public String name() {
        return "scalar";
    }

    @Override
    public String device() {
        return "plain Java, one thread, sums in double";
    }

    @Override
    public int threads() {
        return 1;
    }

    @Override
    public Weight upload(Tensor tensor) {
        return new ScalarWeight(tensor);
    }

    @Override
    public long resident(Weight weight) {
        return 0;
    }

    @Override
    public Buffer allocate(int rows, int columns) {
        return new HeapBuffer(rows, columns);
    }

    @Override
    public KvCache allocate(KvLayout layout) {
        return new ScalarKvCache(layout);
    }

    @Override
    public Routing allocateRouting(int rows, int used) {
        return new HeapRouting(rows, used);
    }

    @Override
    public void write(Buffer dst, float[] values) {
        System.arraycopy(values, 0, data(dst), 0, dst.rows() * dst.columns());
    }

    @Override
    public void read(Buffer src, float[] values, int at) {
        System.arraycopy(data(src), 0, values, at, src.rows() * src.columns());
    }

    @Override
    public void readIds(Routing src, int[] ids) {
        System.arraycopy(HeapRouting.ids(src), 0, ids, 0, src.rows() * src.used());
    }

    @Override
    public void writeIds(Routing dst, int[] ids) {
        System.arraycopy(ids, 0, HeapRouting.ids(dst), 0, dst.rows() * dst.used());
    }

    @Override
    public void embed(Buffer out, Weight table, Batch batch) {
        assert Shapes.embed(out, table, batch);
        for (int t = 0; t < batch.size(); t++) {
            float[] row = row(table, 0, batch.token(t));
            System.arraycopy(row, 0, data(out), t * out.columns(), row.length);
        }
    }

    @Override
    public void matmul(Buffer out, Weight weight, Buffer x) {
        assert Shapes.matmul(out, weight, x);
        for (int r = 0; r < weight.rows(); r++) {
            float[] row = row(weight, 0, r);
            for (int t = 0; t < x.rows(); t++) {
                data(out)[t * weight.rows() + r] = dot(row, data(x), t * row.length);
            }
        }
    }

    @Override
    public void rmsNorm(Buffer out, Buffer x, Weight weight, float epsilon) {
        assert Shapes.rmsNorm(out, x, weight);
        int n = x.columns();
        float[] w = row(weight, 0, 0);
        for (int t = 0; t < x.rows(); t++) {
            double squares = 0;
            for (int i = 0; i < n; i++) {
                double value = data(x)[t * n + i];
                squares += value * value;
            }
            double scale = 1 / Math.sqrt(squares / n + epsilon);
            for (int i = 0; i < n; i++) {
                data(out)[t * n + i] = (float) (data(x)[t * n + i] * scale * w[i]);
            }
        }
    }

    @Override
    public void rope(Buffer x, int headLength, Rope rope, Batch batch) {
        assert Shapes.rope(x, headLength, rope, batch);
        float[] a = data(x);
        for (int t = 0; t < x.rows(); t++) {
            for (int head = 0; head < x.columns() / headLength; head++) {
                int start = t * x.columns() + head * headLength;
                for (int i = 0; i < rope.pairs(); i++) {
                    double angle = batch.position(t) * rope.frequency(i);
                    double cos = Math.cos(angle) * rope.magnitude();
                    double sin = Math.sin(angle) * rope.magnitude();
                    int first =
                            switch (rope.pairing()) {
                                case INTERLEAVED -> start + 2 * i;
                                case HALVES -> start + i;
                            };
                    int second =
                            switch (rope.pairing()) {
                                case INTERLEAVED -> first + 1;
                                case HALVES -> first + rope.pairs();
                            };
                    double x0 = a[first];
                    double x1 = a[second];
                    a[first] = (float) (x0 * cos - x1 * sin);
                    a[second] = (float) (x0 * sin + x1 * cos);
                }
            }
        }
    }

    @Override
    public void append(Batch batch, int layer, Buffer keys, Buffer values) {
        assert Shapes.append(batch, keys, values);
        for (var run : batch.runs()) {
            var cache = (ScalarKvCache) run.cache();
            for (int i = 0; i < run.count(); i++) {
                int t = run.first() + i;
                cache.put(layer, run.start() + i, rowOf(keys, t), rowOf(values, t));
            }
        }
    }

    @Override
    public void attention(Buffer out, Buffer q, Batch batch, int layer, Heads heads) {
        assert Shapes.attention(out, q, batch, heads);
        for (var run : batch.runs()) {
            var cache = (ScalarKvCache) run.cache();
            for (int i = 0; i < run.count(); i++) {
                for (int h = 0; h < heads.heads(); h++) {
                    attend(out, q, run.first() + i, run.start() + i, h, cache, layer, heads);
                }
            }
        }
    }

    /// Query head `h` of token `t`, which stands at `position`.
    private static void attend(
            Buffer out,
            Buffer q,
            int t,
            int position,
            int h,
            ScalarKvCache cache,
            int layer,
            Heads heads) {
        int shared = h / heads.group();
        double[] scores = new double[position + 1];
        for (int p = 0; p <= position; p++) {
            float[] key = cache.key(layer, p);
            double sum = 0;
            for (int i = 0; i < heads.keyLength(); i++) {
                sum +=
                        (double) data(q)[t * q.columns() + h * heads.keyLength() + i]
                                * key[shared * heads.keyLength() + i];
            }
            scores[p] = sum * heads.scale();
        }
        softmax(scores);
        for (int i = 0; i < heads.valueLength(); i++) {
            double sum = 0;
            for (int p = 0; p <= position; p++) {
                sum += scores[p] * cache.value(layer, p)[shared * heads.valueLength() + i];
            }
            data(out)[t * out.columns() + h * heads.valueLength() + i] = (float) sum;
        }
    }

    @Override
    public void add(Buffer x, Buffer y) {
        assert Shapes.same(x, y);
        for (int i = 0; i < x.rows() * x.columns(); i++) {
            data(x)[i] += data(y)[i];
        }
    }

    @Override
    public void multiply(Buffer x, Buffer y) {
        assert Shapes.same(x, y);
        for (int i = 0; i < x.rows() * x.columns(); i++) {
            data(x)[i] *= data(y)[i];
        }
    }

    @Override
    public void activate(Buffer x, Activation f) {
        for (int i = 0; i < x.rows() * x.columns(); i++) {
            data(x)[i] = (float) f.apply(data(x)[i]);
        }
    }

    @Override
    public void select(Buffer out, Buffer x, Batch batch) {
        assert Shapes.select(out, x, batch);
        int n = x.columns();
        for (int i = 0; i < batch.outputs(); i++) {
            System.arraycopy(data(x), batch.output(i) * n, data(out), i * n, n);
        }
    }

    @Override
    public void softmax(Buffer x) {
        for (int t = 0; t < x.rows(); t++) {
            double[] row = new double[x.columns()];
            for (int i = 0; i < row.length; i++) {
                row[i] = data(x)[t * row.length + i];
            }
            softmax(row);
            for (int i = 0; i < row.length; i++) {
                data(x)[t * row.length + i] = (float) row[i];
            }
        }
    }

    @Override
    public void topK(Routing out, Buffer scores) {
        assert Shapes.topK(out, scores);
        for (int t = 0; t < out.rows(); t++) {
            float[] row = rowOf(scores, t);
            for (int k = 0; k < out.used(); k++) {
                int best = -1;
                for (int e = 0; e < row.length; e++) {
                    if (!Float.isNaN(row[e]) && (best < 0 || row[e] > row[best])) {
                        best = e;
                    }
                }
                if (best < 0) {
                    best = k; // every score left is NaN: the logits will say so
                }
                HeapRouting.ids(out)[t * out.used() + k] = best;
                data(out.weights())[t * out.used() + k] = data(scores)[t * scores.columns() + best];
                row[best] = Float.NaN;
            }
        }
    }

    @Override
    public void normalize(Buffer x) {
        for (int t = 0; t < x.rows(); t++) {
            double sum = 0;
            for (float value : rowOf(x, t)) {
                sum += value;
            }
            for (int i = 0; i < x.columns(); i++) {
                data(x)[t * x.columns() + i] = (float) (data(x)[t * x.columns() + i] / sum);
            }
        }
    }

    @Override
    public void matmulExperts(Buffer out, Weight weight, Buffer x, Routing routing) {
        assert Shapes.matmulExperts(out, weight, x, routing);
        int used = routing.used();
        for (int i = 0; i < routing.rows() * used; i++) {
            int from = x.rows() == routing.rows() ? i / used : i;
            for (int r = 0; r < weight.rows(); r++) {
                float[] row = row(weight, HeapRouting.ids(routing)[i], r);
                data(out)[i * weight.rows() + r] = dot(row, data(x), from * row.length);
            }
        }
    }

    @Override
    public void combine(Buffer out, Buffer y, Routing routing) {
        assert Shapes.combine(out, y, routing);
        int n = y.columns();
        for (int t = 0; t < routing.rows(); t++) {
            for (int i = 0; i < n; i++) {
                double sum = 0;
                for (int k = 0; k < routing.used(); k++) {
                    int expert = t * routing.used() + k;
                    sum += (double) data(routing.weights())[expert] * data(y)[expert * n + i];
                }
                data(out)[t * n + i] = (float) sum;
            }
        }
    }

    @Override
    public void close() {}

    private static float[] row(Weight weight, int slice, int row) {
        return ((ScalarWeight) weight).row(slice, row);
    }

    private static float[] rowOf(Buffer x, int t) {
        return Arrays.copyOfRange(data(x), t * x.columns(), (t + 1) * x.columns());
    }

    private static float dot(float[] w, float[] x, int at) {
        double sum = 0;
        for (int c = 0; c < w.length; c++) {
            sum += (double) w[c] * x[at + c];
        }
        return (float) sum;
    }

    /// `exp(s) / Σ exp(s)`, shifted by the largest so that nothing overflows.
    private static void softmax(double[] scores) {
        double max = Double.NEGATIVE_INFINITY;
        for (double s : scores) {
            max = Math.max(max, s);
        }
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            scores[i] = Math.exp(scores[i] - max);
            sum += scores[i];
        }
        for (int i = 0; i < scores.length; i++) {
            scores[i] /= sum;
        }
    }
}
