package dev.jinrai.model;

import dev.jinrai.backend.Home;
import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.Weight;
import dev.jinrai.format.UnsupportedFormatException;
import dev.jinrai.model.ModelConfig.FeedForward.Experts;
import dev.jinrai.model.ModelConfig.FeedForward.Gated;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// A model's weights, resident on a backend and in the places [Transformer] reads them from.
///
/// @param embedding `vocabulary × D`
/// @param output `vocabulary × D`; the embedding itself where the file ties the two
public record Weights(Weight embedding, List<Layer> layers, Weight outputNorm, Weight output) {

    /// One block's weights.
    ///
    /// @param q `(heads · keyLength) × D`
    /// @param k `(kvHeads · keyLength) × D`
    /// @param v `(kvHeads · valueLength) × D`
    /// @param attentionOutput `D × (heads · valueLength)`
    public record Layer(
            Weight attentionNorm,
            Weight q,
            Weight k,
            Weight v,
            Weight attentionOutput,
            Weight feedForwardNorm,
            FeedForward feedForward) {}

    /// The weights of the part that looks at one token at a time.
    public sealed interface FeedForward {
        /// `F` is the inner length: gate and up `F × D`, down `D × F`.
        record Gated(Weight gate, Weight up, Weight down) implements FeedForward {}

        /// The same with one slice per expert; router `experts × D`.
        record Experts(Weight router, Weight gate, Weight up, Weight down) implements FeedForward {}
    }

    /// {@return what a pass multiplies with, each once: no norms, and no embedding that rows are only looked up in}
    public List<Weight> matrices() {
        List<Weight> matrices = new ArrayList<>();
        for (Layer layer : layers) {
            matrices.addAll(List.of(layer.q, layer.k, layer.v, layer.attentionOutput));
            switch (layer.feedForward) {
                case FeedForward.Gated(var gate, var up, var down) ->
                        matrices.addAll(List.of(gate, up, down));
                case FeedForward.Experts(var router, var gate, var up, var down) ->
                        matrices.addAll(List.of(router, gate, up, down));
            }
        }
        matrices.add(output);
        return matrices;
    }

    /// Finds the tensors that `config` needs, checks each one's shape, and uploads them.
    ///
    /// @param consumed tensors that were read already, such as RoPE factors
    /// @throws ModelException if tensors are missing, have another shape, cannot be read, or belong
    /// to nothing; the message lists all of them, because a tensor that is silently left out is a
    /// model that is silently wrong
    public static Weights bind(
            ModelConfig config, Checkpoint checkpoint, Set<String> consumed, Home home) {
        return find(config, checkpoint, consumed).upload(home);
    }

    /// Tensors that are a model's weights, not uploaded yet.
    @FunctionalInterface
    public interface Found {
        /// Uploads them; may be done several times.
        Weights upload(Home home);
    }

    /// The first half of [#bind]: finds the tensors and checks them.
    public static Found find(ModelConfig config, Checkpoint checkpoint, Set<String> consumed) {
        var binder = new Binder(config, checkpoint, consumed);
        binder.find();
        return binder::upload;
    }

    /// Collects the problems of a whole file before it gives up.
    private static final class Binder {
        private static final int SHOWN = 8;

        private final ModelConfig config;
        private final Checkpoint checkpoint;
        private final Set<String> bound;
        private final List<String> shown = new ArrayList<>();
        private int problems;
        private final Map<String, Tensor> found = new HashMap<>();

        Binder(ModelConfig config, Checkpoint checkpoint, Set<String> consumed) {
            this.config = config;
            this.checkpoint = checkpoint;
            this.bound = new HashSet<>(consumed);
        }

        private boolean tied() {
            return !checkpoint.tensorNames().contains("output.weight");
        }

        void find() {
            int width = config.embeddingLength();
            want("token_embd.weight", 1, config.vocabularySize(), width);
            for (int i = 0; i < config.layers().size(); i++) {
                wantLayer("blk." + i + ".", config.layers().get(i), width);
            }
            want("output_norm.weight", 1, 1, width);
            if (!tied()) {
                want("output.weight", 1, config.vocabularySize(), width);
            }
            for (String name : checkpoint.tensorNames()) {
                if (!bound.contains(name)) {
                    problem(() ->
                            "%s: unexpected in architecture '%s'"
                                    .formatted(checkpoint.called(name), config.architecture()));
                }
            }
            if (problems > 0) {
                throw new ModelException(message());
            }
        }

        Weights upload(Home home) {
            Weight embedding = upload("token_embd.weight", home);
            List<Layer> layers = new ArrayList<>();
            for (int i = 0; i < config.layers().size(); i++) {
                layers.add(uploadLayer("blk." + i + ".", config.layers().get(i), home.layer(i)));
            }
            return new Weights(
                    embedding,
                    List.copyOf(layers),
                    upload("output_norm.weight", home),
                    tied() ? embedding : upload("output.weight", home));
        }

        private void wantLayer(String block, ModelConfig.Layer layer, int width) {
            var heads = layer.attention().heads();
            want(block + "attn_norm.weight", 1, 1, width);
            want(block + "attn_q.weight", 1, heads.heads() * heads.keyLength(), width);
            want(block + "attn_k.weight", 1, heads.kvHeads() * heads.keyLength(), width);
            want(block + "attn_v.weight", 1, heads.kvHeads() * heads.valueLength(), width);
            want(block + "attn_output.weight", 1, width, heads.heads() * heads.valueLength());
            want(block + "ffn_norm.weight", 1, 1, width);
            switch (layer.feedForward()) {
                case Gated(int length, _) -> {
                    want(block + "ffn_gate.weight", 1, length, width);
                    want(block + "ffn_up.weight", 1, length, width);
                    want(block + "ffn_down.weight", 1, width, length);
                }
                case Experts(int count, _, int length, _, _) -> {
                    want(block + "ffn_gate_inp.weight", 1, count, width);
                    want(block + "ffn_gate_exps.weight", count, length, width);
                    want(block + "ffn_up_exps.weight", count, length, width);
                    want(block + "ffn_down_exps.weight", count, width, length);
                }
            }
        }

        private Layer uploadLayer(String block, ModelConfig.Layer layer, Home home) {
            return new Layer(
                    upload(block + "attn_norm.weight", home),
                    upload(block + "attn_q.weight", home),
                    upload(block + "attn_k.weight", home),
                    upload(block + "attn_v.weight", home),
                    upload(block + "attn_output.weight", home),
                    upload(block + "ffn_norm.weight", home),
                    switch (layer.feedForward()) {
                        case Gated _ ->
                                new FeedForward.Gated(
                                        upload(block + "ffn_gate.weight", home),
                                        upload(block + "ffn_up.weight", home),
                                        upload(block + "ffn_down.weight", home));
                        case Experts _ ->
                                new FeedForward.Experts(
                                        upload(block + "ffn_gate_inp.weight", home),
                                        upload(block + "ffn_gate_exps.weight", home),
                                        upload(block + "ffn_up_exps.weight", home),
                                        upload(block + "ffn_down_exps.weight", home));
                    });
        }

        private void want(String name, int slices, int rows, int columns) {
            bound.add(name);
            Optional<Tensor> tensor;
            try {
                tensor = checkpoint.tensor(name);
            } catch (UnsupportedFormatException | ModelException e) {
                problem(() -> String.valueOf(e.getMessage()));
                return;
            }
            if (tensor.isEmpty()) {
                problem(() ->
                        "%s: missing, wanted %s"
                                .formatted(checkpoint.called(name), shape(slices, rows, columns)));
                return;
            }
            Tensor t = tensor.get();
            if (t.slices() != slices || t.rows() != rows || t.columns() != columns) {
                problem(() ->
                        "%s: wanted %s, got %s"
                                .formatted(
                                        checkpoint.called(name),
                                        shape(slices, rows, columns),
                                        shape(t.slices(), t.rows(), t.columns())));
                return;
            }
            found.put(name, t);
        }

        /// Counts every problem, and words the first few: a hostile file may have millions.
        private void problem(Supplier<String> text) {
            problems++;
            if (shown.size() < SHOWN) {
                shown.add(text.get());
            }
        }

        private Weight upload(String name, Home home) {
            Tensor tensor = found.get(name);
            if (tensor == null) {
                throw new IllegalStateException(name + " was not asked for");
            }
            return home.upload(tensor);
        }

        /// In GGUF's order: columns first.
        private static String shape(int slices, int rows, int columns) {
            return slices > 1
                    ? "[%d, %d, %d]".formatted(columns, rows, slices)
                    : rows > 1 ? "[%d, %d]".formatted(columns, rows) : "[%d]".formatted(columns);
        }

        private String message() {
            int more = problems - shown.size();
            return "%s: %d tensor%s not fit the model: %s%s"
                    .formatted(
                            checkpoint.source(),
                            problems,
                            problems == 1 ? " does" : "s do",
                            String.join("; ", shown),
                            more > 0 ? "; and " + more + " more" : "");
        }
    }
}
