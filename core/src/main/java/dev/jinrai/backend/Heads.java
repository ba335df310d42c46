package dev.jinrai.backend;

/// The shape of one layer's attention: `heads` query heads share `kvHeads` key and value heads
/// (grouped-query attention, Ainslie et al. 2023, arXiv:2305.13245).
///
/// @param keyLength the length of a query's and a key's head
/// @param valueLength the length of a value's head
/// @param scale what a query's product with a key is multiplied by, usually `1 / √keyLength`
public record Heads(int heads, int kvHeads, int keyLength, int valueLength, float scale) {

    public Heads {
        if (kvHeads <= 0 || heads % kvHeads != 0) {
            throw new IllegalArgumentException(
                    "%d query heads do not divide among %d key/value heads"
                            .formatted(heads, kvHeads));
        }
    }

    /// {@return how many query heads share one key/value head}
    public int group() {
        return heads / kvHeads;
    }
}
