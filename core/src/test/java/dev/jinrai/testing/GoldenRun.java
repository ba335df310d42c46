package dev.jinrai.testing;

import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.TensorInfo;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;

/// What llama.cpp computed with a model: a `*.golden.gguf` of `goldens/models`.
public final class GoldenRun implements AutoCloseable {
    private final Gguf gguf;

    public GoldenRun(Path file) {
        gguf = Gguf.open(file);
    }

    /// {@return the prompt}
    public int[] tokens() {
        return ints("tokens");
    }

    /// {@return the 16 tokens of the greedy continuation}
    public int[] greedy() {
        return ints("greedy");
    }

    public List<String> names() {
        return gguf.tensors().stream().map(TensorInfo::name).toList();
    }

    public boolean has(String name) {
        return gguf.tensor(name).isPresent();
    }

    public float[] floats(String name) {
        return gguf.data(gguf.tensor(name).orElseThrow()).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }

    public int[] ints(String name) {
        return gguf.data(gguf.tensor(name).orElseThrow()).toArray(ValueLayout.JAVA_INT_UNALIGNED);
    }

    @Override
    public void close() {
        gguf.close();
    }
}
