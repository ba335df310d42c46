package dev.jinrai.model;

import dev.jinrai.backend.Backend;
import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Heads;
import dev.jinrai.backend.KvCache;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.Routing;
import dev.jinrai.backend.Weight;
import dev.jinrai.model.ModelConfig.Norm;
import dev.jinrai.model.ModelConfig.Positions;
import dev.jinrai.trace.Trace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/// The model as a function: a batch of tokens in, logits out.
///
/// Prefill of a chunk, one decode step, and one step of many conversations are the same call. The
/// activations live in one workspace, and a backend takes calls from one thread at a time, so what
/// calls it runs one after another: many threads may share a transformer. Its caches, each with one owner, are the only
/// thing a pass changes.
public final class Transformer implements AutoCloseable {
    /// The most tokens of one pass on any backend; [#longestPass] is what this one takes.
    public static final int MAX_BATCH = 512;

    private final ModelConfig config;
    private final Weights weights;
    private final Backend backend;
    private final int longestPass;
    private Workspace workspace;

    public Transformer(ModelConfig config, Weights weights, Backend backend) {
        this.config = config;
        this.weights = weights;
        this.backend = backend;
        this.longestPass = Math.min(MAX_BATCH, backend.longestPass());
        this.workspace = Workspace.of(config, backend, 1);
    }

    /// {@return the most tokens of one pass; longer prompts are fed in chunks}
    public int longestPass() {
        return longestPass;
    }

    /// {@return the size of the activations of the longest passes on any backend, without logits, in bytes}
    public static long activationBytes(ModelConfig config) {
        var widths = Widths.of(config);
        long attention = (long) widths.queries + widths.keys + widths.values + widths.attention;
        long inner = 2L * widths.inner * widths.used + widths.experts + 2L * widths.used;
        long residual = (5L + (widths.experts > 0 ? widths.used : 0)) * config.embeddingLength();
        return MAX_BATCH * (attention + inner + residual) * Float.BYTES;
    }

    /// {@return the model's shape}
    public ModelConfig config() {
        return config;
    }

    /// {@return an empty cache of this model's heads, which [#free] closes}
    public synchronized KvCache newCache(KvLayout layout) {
        return backend.allocate(layout);
    }

    /// Closes a cache, between passes.
    public synchronized void free(KvCache cache) {
        cache.close();
    }

    /// Runs `batch` and appends its tokens to their caches.
    ///
    /// @param logits receives the logits of the tokens that asked, `outputs × vocabulary`
    /// @param trace sees every named intermediate; [Trace#NONE] costs nothing
    public void forward(Batch batch, float[] logits, Trace trace) {
        forward(batch, logits, trace, () -> false);
    }

    /// The same, unless it is told to stop: it asks before the pass, and before each layer that a backend computes rather than
    /// replays. A pass that stops changes nothing.
    ///
    /// @throws CancellationException if `stop` said so
    public synchronized void forward(
            Batch batch, float[] logits, Trace trace, BooleanSupplier stop) {
        run(batch, trace, stop);
        if (batch.outputs() > 0) {
            backend.read(workspace.logits(batch.outputs()), logits, 0);
        }
        advance(batch);
    }

    /// Runs a batch of which one token or more want [Batch#candidates], and appends its tokens to their caches. All logits are read only where
    /// one is not finite that should be: then they say which.
    ///
    /// @param candidates receives the candidates, `outputs × 2K`, as [Backend#largest] gives them
    /// @param logits receives all logits, `outputs × vocabulary`, if a token's first candidate is not finite
    /// @return whether the first candidates are finite; otherwise there are `logits`
    /// @throws CancellationException if `stop` said so, as in [#forward(Batch, float[], Trace, BooleanSupplier)]
    public synchronized boolean forward(
            Batch batch, float[] candidates, float[] logits, BooleanSupplier stop) {
        int outputs = batch.outputs();
        int count = batch.candidates().count();
        run(batch, Trace.NONE, stop);
        backend.read(workspace.candidates(outputs, count), candidates, 0);
        boolean finite = true;
        for (int i = 0; i < outputs; i++) {
            finite &= Float.isFinite(candidates[(2 * i + 1) * count]);
        }
        if (!finite) {
            backend.read(workspace.logits(outputs), logits, 0);
        }
        advance(batch);
        return finite;
    }

    /// Runs `batch`; its caches do not count its tokens yet.
    private void run(Batch batch, Trace trace, BooleanSupplier stop) {
        if (batch.size() == 0 || batch.size() > longestPass) {
            throw new IllegalArgumentException(
                    "a pass takes 1 to %d tokens, got %d".formatted(longestPass, batch.size()));
        }
        if (workspace.tokens < batch.size()) {
            Workspace larger = Workspace.of(config, backend, batch.size());
            workspace.free();
            workspace = larger;
        }
        if (batch.candidates().count() > 0) {
            // Now: memory that is taken in a pass cuts what a backend records of it.
            workspace.candidates(batch.outputs(), batch.candidates().count());
        }
        stopIfTold(stop);
        var pass = new Pass(workspace, batch, trace, stop);
        if (trace.enabled()) {
            pass.run(); // reads between the verbs
        } else {
            backend.pass(batch, pass::run);
        }
    }

    private static void advance(Batch batch) {
        for (var run : batch.runs()) {
            run.cache().advance(run.count());
        }
    }

    private static void stopIfTold(BooleanSupplier stop) {
        if (stop.getAsBoolean()) {
            throw new CancellationException("the pass was told to stop");
        }
    }

    @Override
    public synchronized void close() {
        backend.close();
    }

    /// The steps of one pass. Names in quotes are llama.cpp's for the same intermediates.
    private final class Pass {
        private final Batch batch;
        private final Trace trace;
        private final BooleanSupplier stop;
        private final Workspace space;
        private final Buffer x;
        private final Buffer normed;
        private final Buffer y;

        Pass(Workspace space, Batch batch, Trace trace, BooleanSupplier stop) {
            this.space = space;
            this.batch = batch;
            this.trace = trace;
            this.stop = stop;
            x = space.x.first(batch.size());
            normed = space.normed.first(batch.size());
            y = space.y.first(batch.size());
        }

        void run() {
            backend.embed(x, weights.embedding(), batch);
            see("inp_embd", x);
            for (int i = 0; i < config.layers().size(); i++) {
                stopIfTold(stop);
                attention(i, config.layers().get(i), weights.layers().get(i));
                feedForward(i, config.layers().get(i), weights.layers().get(i));
            }
            if (batch.outputs() > 0) {
                head();
            }
        }

        /// `x += output(attention(norm(x)))`
        private void attention(int i, ModelConfig.Layer layer, Weights.Layer w) {
            Heads heads = layer.attention().heads();
            Buffer q = space.q.first(batch.size());
            Buffer k = space.k.first(batch.size());
            Buffer v = space.v.first(batch.size());
            Buffer attended = space.attended.first(batch.size());

            norm(normed, x, w.attentionNorm(), layer.norm());
            see("attn_norm", i, normed);
            product(q, w.q(), normed);
            product(k, w.k(), normed);
            product(v, w.v(), normed);
            switch (layer.attention().positions()) {
                case Positions.Rotary(var rope) -> {
                    backend.rope(q, heads.keyLength(), rope, batch);
                    backend.rope(k, heads.keyLength(), rope, batch);
                }
            }
            see("Qcur", i, q);
            see("Kcur", i, k);
            see("Vcur", i, v);
            backend.append(batch, i, k, v);
            backend.attention(attended, q, batch, i, heads);
            see("kqv_out", i, attended);
            product(y, w.attentionOutput(), attended);
            see("attn_out", i, y);
        }

        /// `x += feedForward(norm(x))`, after the attention's own addition.
        private void feedForward(int i, ModelConfig.Layer layer, Weights.Layer w) {
            switch (layer.norm()) {
                case Norm.Rms(float epsilon) ->
                        backend.addRmsNorm(normed, x, y, w.feedForwardNorm(), epsilon);
            }
            see("ffn_inp", i, x);
            see("ffn_norm", i, normed);
            switch (layer.feedForward()) {
                case ModelConfig.FeedForward.Gated form ->
                        gated(i, form, (Weights.FeedForward.Gated) w.feedForward());
                case ModelConfig.FeedForward.Experts form ->
                        experts(i, form, (Weights.FeedForward.Experts) w.feedForward());
            }
            backend.add(x, y);
            see("l_out", i, x);
        }

        /// `y = down(f(gate(normed)) ⊙ up(normed))`
        private void gated(int i, ModelConfig.FeedForward.Gated form, Weights.FeedForward.Gated w) {
            Buffer gate = space.gate.first(batch.size());
            Buffer up = space.up.first(batch.size());
            product(gate, w.gate(), normed);
            product(up, w.up(), normed);
            see("ffn_gate", i, gate);
            see("ffn_up", i, up);
            backend.gate(gate, form.activation(), up);
            see("ffn_swiglu", i, gate);
            product(y, w.down(), gate);
            see("ffn_out", i, y);
        }

        /// `y = Σ weight · expert(normed)` over the experts the router chose.
        private void experts(
                int i, ModelConfig.FeedForward.Experts form, Weights.FeedForward.Experts w) {
            int chosen = batch.size() * form.used();
            Buffer probabilities = space.router.first(batch.size());
            var routing = space.routing.first(batch.size());
            Buffer gate = space.gate.first(chosen);
            Buffer up = space.up.first(chosen);
            Buffer each = space.each.first(chosen);

            product(probabilities, w.router(), normed);
            see("ffn_moe_logits", i, probabilities);
            backend.softmax(probabilities);
            see("ffn_moe_probs", i, probabilities);
            backend.topK(routing, probabilities);
            if (trace.enabled() && trace.wantsTensors()) {
                trace.ids("ffn_moe_topk", i, batch.size(), ids(routing));
            }
            see("ffn_moe_weights", i, routing.weights());
            if (form.normalized()) {
                backend.normalize(routing.weights());
                see("ffn_moe_weights_norm", i, routing.weights());
            }
            productExperts(gate, w.gate(), normed, routing);
            productExperts(up, w.up(), normed, routing);
            backend.gate(gate, form.activation(), up);
            productExperts(each, w.down(), gate, routing);
            backend.combine(y, each, routing);
            see("ffn_moe_out", i, y);
        }

        /// `logits = output(norm(x))`, for the tokens that ask.
        private void head() {
            Buffer wanted = space.wanted.first(batch.outputs());
            Buffer last = space.last.first(batch.outputs());
            Buffer logits = space.logits(batch.outputs());
            backend.select(wanted, x, batch);
            norm(last, wanted, weights.outputNorm(), config.outputNorm());
            see("result_norm", last);
            product(logits, weights.output(), last);
            see("result_output", logits);
            var candidates = batch.candidates();
            if (candidates.count() > 0) {
                backend.largest(
                        space.candidates(batch.outputs(), candidates.count()),
                        logits,
                        Math.min(candidates.tokens(), config.vocabularySize()));
            }
        }

        private void norm(Buffer out, Buffer in, Weight weight, Norm norm) {
            switch (norm) {
                case Norm.Rms(float epsilon) -> backend.rmsNorm(out, in, weight, epsilon);
            }
        }

        /// `out = weight · x`
        private void product(Buffer out, Weight weight, Buffer x) {
            if (trace.enabled() && trace.wantsInput(weight.name())) {
                trace.input(weight.name(), x.rows(), values(x));
            }
            backend.matmul(out, weight, x);
        }

        /// `out = weight[expert] · x`, for each token and expert of it
        private void productExperts(Buffer out, Weight weight, Buffer x, Routing routing) {
            if (trace.enabled() && trace.wantsInput(weight.name())) {
                trace.input(weight.name(), x.rows(), values(x), weight.slices(), ids(routing));
            }
            backend.matmulExperts(out, weight, x, routing);
        }

        private float[] values(Buffer data) {
            float[] values = new float[data.rows() * data.columns()];
            backend.read(data, values, 0);
            return values;
        }

        private int[] ids(Routing routing) {
            int[] ids = new int[routing.rows() * routing.used()];
            backend.readIds(routing, ids);
            return ids;
        }

        private void see(String name, Buffer data) {
            see(name, Trace.NO_LAYER, data);
        }

        private void see(String name, int layer, Buffer data) {
            if (trace.enabled() && trace.wantsTensors()) {
                trace.tensor(name, layer, data.rows(), values(data));
            }
        }
    }

    /// The widest of each kind of activation over all layers.
    ///
    /// @param inner of a feed-forward network
    /// @param used experts of a token, or 1
    private record Widths(
            int queries, int keys, int values, int attention, int inner, int experts, int used) {
        static Widths of(ModelConfig config) {
            int queries = 0;
            int keys = 0;
            int values = 0;
            int attention = 0;
            int inner = 0;
            int experts = 0;
            int used = 1;
            for (var layer : config.layers()) {
                Heads heads = layer.attention().heads();
                queries = Math.max(queries, heads.heads() * heads.keyLength());
                keys = Math.max(keys, heads.kvHeads() * heads.keyLength());
                values = Math.max(values, heads.kvHeads() * heads.valueLength());
                attention = Math.max(attention, heads.heads() * heads.valueLength());
                switch (layer.feedForward()) {
                    case ModelConfig.FeedForward.Gated form ->
                            inner = Math.max(inner, form.length());
                    case ModelConfig.FeedForward.Experts form -> {
                        inner = Math.max(inner, form.length());
                        experts = Math.max(experts, form.count());
                        used = Math.max(used, form.used());
                    }
                }
            }
            return new Widths(queries, keys, values, attention, inner, experts, used);
        }
    }

    /// The activations of one pass of up to `tokens` tokens.
    private static final class Workspace {
        final int tokens;
        final Buffer x;
        final Buffer normed;
        final Buffer y;
        final Buffer q;
        final Buffer k;
        final Buffer v;
        final Buffer attended;
        final Buffer gate;
        final Buffer up;
        final Buffer router;
        final Buffer each;
        final Routing routing;
        final Buffer wanted;
        final Buffer last;
        private final List<Buffer> made;
        private final ModelConfig config;
        private final Backend backend;
        private Buffer logits;

        /// By how many are wanted: passes of one shape use the same handles.
        private final Map<Integer, Buffer> candidates = new HashMap<>();

        /// {@return a workspace; all of it, or nothing is taken}
        static Workspace of(ModelConfig config, Backend backend, int tokens) {
            List<Buffer> made = new ArrayList<>();
            try {
                return new Workspace(config, backend, tokens, made);
            } catch (RuntimeException | Error e) {
                made.forEach(backend::free);
                throw e;
            }
        }

        private Workspace(ModelConfig config, Backend backend, int tokens, List<Buffer> made) {
            this.made = made;
            this.config = config;
            this.backend = backend;
            this.tokens = tokens;
            var widths = Widths.of(config);
            int width = config.embeddingLength();
            this.x = make(tokens, width);
            this.normed = make(tokens, width);
            this.y = make(tokens, width);
            this.q = make(tokens, widths.queries);
            this.k = make(tokens, widths.keys);
            this.v = make(tokens, widths.values);
            this.attended = make(tokens, widths.attention);
            this.gate = make(tokens * widths.used, widths.inner);
            this.up = make(tokens * widths.used, widths.inner);
            this.router = make(tokens, Math.max(1, widths.experts));
            // Only a mixture of experts has several results a token.
            this.each = make(widths.experts > 0 ? tokens * widths.used : 1, width);
            this.wanted = make(tokens, width);
            this.last = make(tokens, width);
            this.logits = make(1, config.vocabularySize());
            this.routing = backend.allocateRouting(tokens, widths.used);
        }

        private Buffer make(int rows, int columns) {
            Buffer buffer = backend.allocate(rows, columns);
            made.add(buffer);
            return buffer;
        }

        /// Grown on demand: all logits of a batch are large, and rarely wanted.
        Buffer logits(int outputs) {
            if (logits.rows() < outputs) {
                Buffer larger = make(outputs, config.vocabularySize());
                made.remove(logits);
                backend.free(logits);
                logits = larger;
            }
            return logits.first(outputs);
        }

        /// Grown on demand, like the logits.
        Buffer candidates(int outputs, int count) {
            Buffer known = candidates.get(count);
            if (known == null || known.rows() < outputs) {
                Buffer larger = make(outputs, 2 * count);
                if (known != null) {
                    made.remove(known);
                    backend.free(known);
                }
                candidates.put(count, larger);
                known = larger;
            }
            return known.first(outputs);
        }

        /// Gives everything back.
        void free() {
            made.forEach(backend::free);
            backend.free(routing);
        }
    }
}
