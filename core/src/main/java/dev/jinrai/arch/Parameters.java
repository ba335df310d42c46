package dev.jinrai.arch;

import dev.jinrai.backend.Heads;
import dev.jinrai.gguf.Metadata;
import dev.jinrai.model.Checkpoint;
import dev.jinrai.model.ModelException;

/// A file's hyper-parameters, read below its architecture's name and checked: `count("block_count")`
/// of a llama file reads `llama.block_count`.
final class Parameters {
    /// Far above any model and far below what would overflow a product of two extents.
    private static final int LARGEST = 1 << 24;

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

    /// {@return a count, or `absent` where the file is silent}
    int count(String key, int absent) {
        return inRange(key, metadata.int32(prefix + key, absent), Math.min(absent, 1), LARGEST);
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
        return new Heads(
                heads, kvHeads, keyLength, valueLength, (float) (1 / Math.sqrt(keyLength)));
    }

    /// {@return the number of rows of the token embedding: what logits are over}
    int vocabularySize() {
        return checkpoint
                .tensor("token_embd.weight")
                .orElseThrow(() ->
                        new ModelException(checkpoint.source() + ": token_embd.weight is missing"))
                .rows();
    }

    ModelException wrong(String key, String wanted, Object got) {
        return new ModelException(
                "%s: key '%s': wanted %s, got %s"
                        .formatted(checkpoint.source(), prefix + key, wanted, got));
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
