package dev.jinrai.model;

import dev.jinrai.backend.Tensor;
import dev.jinrai.format.Formats;
import dev.jinrai.format.UnsupportedFormatException;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.Metadata;
import dev.jinrai.gguf.TensorInfo;
import java.util.List;
import java.util.Optional;

/// A GGUF file as a [Checkpoint]. Tensors are slices of its mapping: they end with the file.
public record GgufCheckpoint(Gguf gguf) implements Checkpoint {
    @Override
    public String source() {
        return gguf.file().toString();
    }

    @Override
    public Metadata metadata() {
        return gguf.metadata();
    }

    @Override
    public List<String> tensorNames() {
        return gguf.tensors().stream().map(TensorInfo::name).toList();
    }

    @Override
    public Optional<Tensor> tensor(String name) {
        return gguf.tensor(name).map(this::tensor);
    }

    private Tensor tensor(TensorInfo info) {
        if (!Formats.supports(info.type())) {
            throw new UnsupportedFormatException(
                    "%s: tensor type %s is not supported (known: %s)"
                            .formatted(info.name(), info.type(), Formats.names()));
        }
        if (info.extent(3) != 1) {
            throw new ModelException(
                    "%s: %s: wanted at most 3 dimensions, got shape %s"
                            .formatted(source(), info.name(), info.shape()));
        }
        return new Tensor(
                info.name(),
                Formats.of(info.type()),
                Math.toIntExact(info.extent(2)),
                Math.toIntExact(info.extent(1)),
                info.columns(),
                gguf.data(info));
    }
}
