package dev.jinrai.backend;

import java.util.OptionalLong;

/// The arithmetic of a transformer, as verbs.
///
/// Shapes in the comments: `T` tokens of a pass, `D` embedding length, `R × C` a weight's rows and
/// columns, `H` heads. Activations are f32 from end to end; weights stay in their file's format.
/// Verbs without a body are defined by `ScalarBackend`; verbs with one are defined by that body, and
/// a backend overrides them only to be faster.
///
/// Contract: calls come from one thread at a time, in order, and may complete later; [#read] waits.
/// Handles belong to the backend that made them. A shape that does not fit is a programming error
/// and is asserted ([Shapes]), not reported: files are checked where they are opened.
public interface Backend extends Home, AutoCloseable {
    /// The largest `K` of [#largest].
    int MOST_LARGEST = 1024;

    /// {@return the name a user selects it by, such as `cpu`}
    String name();

    /// {@return what it runs on, for a user to read}
    String device();

    /// {@return how many threads compute, the calling one included}
    int threads();

    /// {@return the most tokens of a pass that it is given: enough for a matrix to be read once for many, few enough for the
    /// activations to stay small}
    default int longestPass() {
        return 256;
    }

    // ---- memory

    /// {@return how much of the memory of a device of its own it may still fill, in bytes, as the device says now; nothing
    /// for a backend that computes in the host's memory}
    default OptionalLong deviceMemory() {
        return OptionalLong.empty();
    }

    /// {@return whether it computes on a device that a program on the processor plays}
    default boolean software() {
        return false;
    }

    /// {@return the layers of a cache that lie on the Java heap}
    default KvLayout onHeap(KvLayout layout) {
        return layout;
    }

    /// {@return the memory that products with `weight` take for good, in bytes, where this backend makes a form of
    /// its own of it; 0 for one that is used where it lies in the file}
    long resident(Weight weight);

    /// {@return a buffer of `rows × columns` zeros}
    Buffer allocate(int rows, int columns);

    /// {@return an empty cache}
    KvCache allocate(KvLayout layout);

    /// {@return room for `used` experts of each of `rows` tokens}
    Routing allocateRouting(int rows, int used);

    /// Gives a buffer of [#allocate(int, int)] back, with all views of it. On the heap that is the collector's work.
    default void free(Buffer buffer) {}

    /// Gives a routing back, with its weights and all views of it.
    default void free(Routing routing) {}

    /// Copies `rows · columns` values to `dst`.
    void write(Buffer dst, float[] values);

    /// Waits for everything issued so far, then copies `src` to `values[at] …`.
    void read(Buffer src, float[] values, int at);

    /// Waits, then copies the chosen experts' numbers, `T × K`.
    void readIds(Routing src, int[] ids);

    /// Sets the chosen experts' numbers, `T × K`; their weights stay.
    void writeIds(Routing dst, int[] ids);

    // ---- passes

    /// Says, once, that all weights are uploaded and work will follow: what takes time before the first pass may begin now, beside
    /// the caller.
    default void prepare() {}

    /// Runs one pass over the model.
    ///
    /// `verbs` issues the same calls on the same handles whenever `batch` has the same number of
    /// tokens and outputs and wants the same [Batch#candidates], so a backend may record the calls once and replay them: what
    /// differs from pass to pass (ids, positions, caches) is reached through `batch` alone. Verbs that a [#read] has to come between
    /// are issued without a pass.
    ///
    /// What the last verb writes can be read after the pass, and the logits where that is [#largest], which reads them; other results
    /// may never have been anywhere, where verbs were made one.
    default void pass(Batch batch, Runnable verbs) {
        verbs.run();
    }

    // ---- verbs

    /// `out[t] = table[token(t)]`, out `T × D`, table `vocabulary × D`.
    void embed(Buffer out, Weight table, Batch batch);

    /// `out[t,r] = Σ_c weight[r,c] · x[t,c]`, out `T × R`, x `T × C`. Nothing is ever transposed.
    void matmul(Buffer out, Weight weight, Buffer x);

    /// `out[t] = x[t] / √(mean(x[t]²) + epsilon) ⊙ weight` (Zhang & Sennrich 2019, arXiv:1910.07467).
    void rmsNorm(Buffer out, Buffer x, Weight weight, float epsilon);

    /// Turns every head of `x`, `T × (H · headLength)`, to its token's position.
    void rope(Buffer x, int headLength, Rope rope, Batch batch);

    /// Stores the keys and values of the batch's tokens, `T × (kvHeads · length)`, at their
    /// positions in their caches. The caches' lengths do not change.
    void append(Batch batch, int layer, Buffer keys, Buffer values);

    /// Causal attention (Vaswani et al. 2017, arXiv:1706.03762) of each token over its own timeline,
    /// itself included:
    /// ```
    /// out[t,h] = Σ_p softmax_p(scale · q[t,h] · key[p,h / group]) · value[p,h / group],  p ≤ position(t)
    /// ```
    /// out `T × (H · valueLength)`, q `T × (H · keyLength)`. Reads what [#append] stored for `layer`.
    void attention(Buffer out, Buffer q, Batch batch, int layer, Heads heads);

    /// `x += y`.
    void add(Buffer x, Buffer y);

    /// `x *= y`.
    void multiply(Buffer x, Buffer y);

    /// `x = f(x)`.
    void activate(Buffer x, Activation f);

    /// `out[i] = x[output(i)]`: the rows whose logits are wanted.
    void select(Buffer out, Buffer x, Batch batch);

    /// `x[t] = softmax(x[t])`.
    void softmax(Buffer x);

    // ---- mixtures of experts (Shazeer et al. 2017, arXiv:1701.06538)

    /// Routes each token to the experts with the largest `scores[t]`, largest first; their scores
    /// become the routing's weights. Of equal scores the lower number comes first.
    void topK(Routing out, Buffer scores);

    /// `x[t] /= Σ x[t]`.
    void normalize(Buffer x);

    /// `out[t·K + k] = weight[expert(t,k)] · x[t]`, or `· x[t·K + k]` when `x` has `T · K` rows.
    /// out `(T · K) × R`. Experts that no token is routed to are not read.
    void matmulExperts(Buffer out, Weight weight, Buffer x, Routing routing);

    /// `out[t] = Σ_k routing.weights[t,k] · y[t·K + k]`, out `T × D`, y `(T · K) × D`.
    void combine(Buffer out, Buffer y, Routing routing);

    // ---- verbs with a definition

    /// The input of a gated feed-forward's second half: `gate = f(gate) ⊙ up` (Shazeer 2020,
    /// arXiv:2002.05202).
    default void gate(Buffer gate, Activation f, Buffer up) {
        activate(gate, f);
        multiply(gate, up);
    }

    /// Residual, then norm: `x += y; out = rmsNorm(x)`.
    default void addRmsNorm(Buffer out, Buffer x, Buffer y, Weight weight, float epsilon) {
        add(x, y);
        rmsNorm(out, x, weight, epsilon);
    }

    /// The `K` largest of the first `columns` values of each row, and where they are, largest first, of equal values (as both zeros
    /// are) the lower column first:
    /// ```
    /// out[t] = column₁ … column_K, x[t,column₁] … x[t,column_K]
    /// ```
    /// What is not a number comes before all others: whoever looks at the first value knows whether there is any. Where there are
    /// fewer than `K` columns, the rest are columns −1 with −∞. out `T × 2K`, `K` up to [#MOST_LARGEST]; x `T × C`, `C` up to 2²⁴,
    /// to which numbers are exact as f32.
    default void largest(Buffer out, Buffer x, int columns) {
        assert Shapes.largest(out, x, columns);
        float[] values = values(x);
        float[] found = new float[out.rows() * out.columns()];
        for (int t = 0; t < x.rows(); t++) {
            Largest.of(
                    values, t * x.columns(), columns, found, t * out.columns(), out.columns() / 2);
        }
        write(out, found);
    }

    /// {@return the values of `x`, where they lie if that is on the heap}
    private float[] values(Buffer x) {
        if (x instanceof HeapBuffer) {
            return HeapBuffer.data(x);
        }
        float[] values = new float[x.rows() * x.columns()];
        read(x, values, 0);
        return values;
    }

    @Override
    void close();
}
