package dev.jinrai.gpu;

import dev.jinrai.backend.Activation;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Heads;
import dev.jinrai.backend.Rope;
import dev.jinrai.backend.Weight;
import java.util.List;
import java.util.function.Consumer;

/// A verb that was issued and waits: [Fusion] makes fewer commands of several.
sealed interface Verb {
    /// Issues it.
    void to(Backend backend);

    /// {@return what it reads}
    List<Buffer> reads();

    /// {@return what it writes, whole}
    List<Buffer> writes();

    record Embed(Buffer out, Weight table, Batch batch) implements Verb {
        @Override
        public void to(Backend backend) {
            backend.embed(out, table, batch);
        }

        @Override
        public List<Buffer> reads() {
            return List.of();
        }

        @Override
        public List<Buffer> writes() {
            return List.of(out);
        }
    }

    record Matmul(Buffer out, Weight weight, Buffer x) implements Verb {
        @Override
        public void to(Backend backend) {
            backend.matmul(out, weight, x);
        }

        @Override
        public List<Buffer> reads() {
            return List.of(x);
        }

        @Override
        public List<Buffer> writes() {
            return List.of(out);
        }
    }

    record RmsNorm(Buffer out, Buffer x, Weight weight, float epsilon) implements Verb {
        @Override
        public void to(Backend backend) {
            backend.rmsNorm(out, x, weight, epsilon);
        }

        @Override
        public List<Buffer> reads() {
            return List.of(x);
        }

        @Override
        public List<Buffer> writes() {
            return List.of(out);
        }
    }

    record Rotate(Buffer x, int headLength, Rope rope, Batch batch) implements Verb {
        @Override
        public void to(Backend backend) {
            backend.rope(x, headLength, rope, batch);
        }

        @Override
        public List<Buffer> reads() {
            return List.of(x);
        }

        @Override
        public List<Buffer> writes() {
            return List.of(x);
        }
    }

    record Append(Batch batch, int layer, Buffer keys, Buffer values) implements Verb {
        @Override
        public void to(Backend backend) {
            backend.append(batch, layer, keys, values);
        }

        @Override
        public List<Buffer> reads() {
            return List.of(keys, values);
        }

        @Override
        public List<Buffer> writes() {
            return List.of();
        }
    }

    record Attention(Buffer out, Buffer q, Batch batch, int layer, Heads heads) implements Verb {
        @Override
        public void to(Backend backend) {
            backend.attention(out, q, batch, layer, heads);
        }

        @Override
        public List<Buffer> reads() {
            return List.of(q);
        }

        @Override
        public List<Buffer> writes() {
            return List.of(out);
        }
    }

    record Add(Buffer x, Buffer y) implements Verb {
        @Override
        public void to(Backend backend) {
            backend.add(x, y);
        }

        @Override
        public List<Buffer> reads() {
            return List.of(x, y);
        }

        @Override
        public List<Buffer> writes() {
            return List.of(x);
        }
    }

    record Gate(Buffer gate, Activation f, Buffer up) implements Verb {
        @Override
        public void to(Backend backend) {
            backend.gate(gate, f, up);
        }

        @Override
        public List<Buffer> reads() {
            return List.of(gate, up);
        }

        @Override
        public List<Buffer> writes() {
            return List.of(gate);
        }
    }

    record Select(Buffer out, Buffer x, Batch batch) implements Verb {
        @Override
        public void to(Backend backend) {
            backend.select(out, x, batch);
        }

        @Override
        public List<Buffer> reads() {
            return List.of(x);
        }

        @Override
        public List<Buffer> writes() {
            return List.of(out);
        }
    }

    /// One that nothing is made of.
    record Other(List<Buffer> reads, List<Buffer> writes, Consumer<Backend> verb) implements Verb {
        @Override
        public void to(Backend backend) {
            verb.accept(backend);
        }
    }
}
