package dev.jinrai.arch;

import dev.jinrai.backend.Heads;
import dev.jinrai.backend.Tensor;
import dev.jinrai.format.UnsupportedFormatException;
import dev.jinrai.gguf.Metadata;
import dev.jinrai.model.Checkpoint;
import dev.jinrai.model.ModelException;
import dev.jinrai.model.Transformer;
import java.util.Optional;

/// A file's hyper-parameters, read below its architecture's name and checked: `count("block_count")`
/// of a llama file reads `llama.block_count`.
final class Parameters {
    /// Far above any model. The product of two such numbers needs a `long`: see [#product].
    private static final int LARGEST = 1 << 24;

    /// The most values a token may have in one activation: the activations of the largest pass, and
    /// a block of the KV cache, then fit a Java array.
    static final int LONGEST_ROW = Integer.MAX_VALUE / Transformer.MAX_BATCH;

    private final Checkpoint checkpoint;
    private final Metadata metadata;
    private final String prefix;

    Parameters(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
        this.metadata = checkpoint.metadata();
        this.prefix = metadata.architecture() + ".";
    }

    /// {@return a count or an extent, at least 1}
    int count(String key) {
        return inRange(key, metadata.int32(prefix + key), 1, LARGEST);
    }

    /// {@return a count, at least 1, or `absent` where the file is silent}
    int count(String key, int absent) {
        return has(key) ? count(key) : absent;
    }

    /// {@return the number of blocks: each has a tensor at least}
    int blocks() {
        int tensors = checkpoint.tensorNames().size();
        int blocks = metadata.int32(prefix + "block_count");
        if (blocks < 1 || blocks > tensors) {
            throw wrong(
                    "block_count",
                    "1 to %d, the number of tensors in the file".formatted(tensors),
                    blocks);
        }
        return blocks;
    }

    /// {@return the number of values a token has in one activation}
    int rowLength(String key) {
        return inRange(key, metadata.int32(prefix + key), 1, LONGEST_ROW);
    }

    /// {@return the same, or 0 where the file is silent or says so}
    int rowLengthOrNone(String key) {
        return inRange(key, metadata.int32(prefix + key, 0), 0, LONGEST_ROW);
    }

    /// Checks that an activation with `a · b` values a token is possible.
    void product(String keyA, int a, String keyB, int b) {
        long product = (long) a * b;
        if (product > LONGEST_ROW) {
            throw wrong(
                    "keys '%s' and '%s': wanted a product up to %d, got %d × %d = %d"
                            .formatted(prefix + keyA, prefix + keyB, LONGEST_ROW, a, b, product));
        }
    }

    /// {@return a count from 1 to `largest`}
    int upTo(int largest, String key) {
        return inRange(key, metadata.int32(prefix + key), 1, largest);
    }

    /// {@return a finite number above zero}
    float positive(String key) {
        return aboveZero(key, metadata.float32(prefix + key));
    }

    /// {@return a finite number above zero, or `absent` where the file is silent}
    float positive(String key, float absent) {
        return aboveZero(key, metadata.float32(prefix + key, absent));
    }

    /// {@return a number, or `absent` where the file is silent}
    float number(String key, float absent) {
        float value = metadata.float32(prefix + key, absent);
        if (!Float.isFinite(value)) {
            throw wrong(key, "a finite number", value);
        }
        return value;
    }

    /// {@return a finite number from `least` to `largest`, or `absent` where the file is silent}
    float number(String key, float absent, float least, float largest) {
        float value = number(key, absent);
        if (value < least || value > largest) {
            throw wrong(key, "a number from %s to %s".formatted(least, largest), value);
        }
        return value;
    }

    String text(String key, String absent) {
        return metadata.string(prefix + key, absent);
    }

    boolean has(String key) {
        return metadata.find(prefix + key).isPresent();
    }

    /// {@return the length of a head: as given, else the embedding's share}
    int headLength(String key, int width, int heads) {
        if (!has(key) && width % heads != 0) {
            throw wrong("attention.head_count", "a divisor of " + width, heads);
        }
        return count(key, width / heads);
    }

    /// {@return the attention shape, scaled by `1 / √keyLength`}
    Heads heads(int heads, int kvHeads, int keyLength, int valueLength) {
        if (heads % kvHeads != 0) {
            throw wrong("attention.head_count_kv", "a divisor of " + heads, kvHeads);
        }
        product("attention.head_count", heads, "attention.key_length", keyLength);
        product("attention.head_count", heads, "attention.value_length", valueLength);
        return new Heads(
                heads, kvHeads, keyLength, valueLength, (float) (1 / Math.sqrt(keyLength)));
    }

    /// {@return the number of rows of the token embedding: what logits are over}
    int vocabularySize() {
        if (checkpoint.tensorNames().isEmpty()) {
            throw wrong("has no weights, only a vocabulary: it tokenizes, but cannot run");
        }
        int rows =
                tensor("token_embd.weight")
                        .orElseThrow(() -> wrong("token_embd.weight is missing"))
                        .rows();
        if (rows > LONGEST_ROW) {
            throw wrong(
                    "token_embd.weight: wanted up to %d rows, got %d".formatted(LONGEST_ROW, rows));
        }
        return rows;
    }

    /// {@return the tensor of that name, if the file has it}
    Optional<Tensor> tensor(String name) {
        try {
            return checkpoint.tensor(name);
        } catch (UnsupportedFormatException | ModelException e) {
            throw wrong(String.valueOf(e.getMessage())); // they name the tensor, not the file
        }
    }

    ModelException wrong(String problem) {
        return new ModelException(checkpoint.source() + ": " + problem);
    }

    ModelException wrong(String key, String wanted, Object got) {
        return wrong("key '%s': wanted %s, got %s".formatted(prefix + key, wanted, got));
    }

    private int inRange(String key, int value, int least, int largest) {
        if (value < least || value > largest) {
            throw wrong(key, least + " to " + largest, value);
        }
        return value;
    }

    private float aboveZero(String key, float value) {
        if (!(value > 0) || !Float.isFinite(value)) {
            throw wrong(key, "a finite number above 0", value);
        }
        return value;
    }
}
