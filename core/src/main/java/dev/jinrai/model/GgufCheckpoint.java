package dev.jinrai.model;

import dev.jinrai.backend.Tensor;
import dev.jinrai.format.Formats;
import dev.jinrai.format.UnsupportedFormatException;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.Metadata;
import dev.jinrai.gguf.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// A GGUF file as a [Checkpoint]. Tensors are slices of its mapping: they end with the file.
///
/// A tensor that no weight can look like is a [ModelException], whose message names the tensor but
/// not the file: whoever asks may have more to say about it.
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

    @Override
    public List<MemorySegment> data() {
        return gguf.tensors().stream().map(gguf::data).toList();
    }

    @Override
    public void close() {
        gguf.close();
    }

    private Tensor tensor(TensorInfo info) {
        if (!Formats.supports(info.type())) {
            throw new UnsupportedFormatException(
                    "%s: tensor type %s is not supported (known: %s)"
                            .formatted(info.name(), info.type(), Formats.names()));
        }
        if (info.extent(3) != 1) {
            throw wrong(info, "at most 3 dimensions");
        }
        for (long extent : info.shape()) {
            if (extent < 1 || extent > Integer.MAX_VALUE) {
                throw wrong(info, "extents from 1 to " + Integer.MAX_VALUE);
            }
        }
        long rows = info.extent(2) * info.extent(1); // backends count the rows of all slices
        if (rows > Integer.MAX_VALUE) {
            throw wrong(info, "at most %d rows in all".formatted(Integer.MAX_VALUE));
        }
        return new Tensor(
                info.name(),
                Formats.of(info.type()),
                (int) info.extent(2),
                (int) info.extent(1),
                (int) info.extent(0),
                gguf.data(info));
    }

    private static ModelException wrong(TensorInfo info, String wanted) {
        return new ModelException(
                "%s: wanted %s, got shape %s".formatted(info.name(), wanted, info.shape()));
    }
}
