package dev.jinrai.gpu;

import dev.jinrai.backend.Heads;
import dev.jinrai.backend.KvType;
import dev.jinrai.backend.Rope;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Attention of one token, split over the context, in one command with the rotations and the append before it
/// (`splitAttention.comp`).
final class SplitAttention {
    /// The most heads of keys; the most heads that share one; the longest head; and the most values of the heads that share one.
    private static final int MOST_KV_HEADS = 1024;

    private static final int MOST_SHARING = 16;
    private static final int LONGEST_HEAD = 256;
    private static final int MOST_SHARED_VALUES = 2048;

    /// The largest subgroup that the kernel's teams, of 32 or 64, are whole numbers of.
    private static final int LARGEST_SUBGROUP = 64;

    private static final int SMALL_CHUNK = 32;

    /// Workgroups that keep a large device busy, and splits beyond which combining what they leave takes longer.
    private static final int BUSY = 256;

    private static final int MOST_SPLITS = 32;

    private final GpuBackend backend;
    private final boolean able;

    /// Positions that the kernel takes at a time.
    private final int chunk;

    private final int exactHalves;

    /// How many splits of each head of keys are done: zeros between commands.
    private final GpuMemory tickets;

    private @Nullable GpuMemory parts;

    /// Cosines and sines of the token's position.
    private final Map<Rope, GpuMemory> rotations = new HashMap<>();

    /// @param exactHalves whether the device's own conversion of halves is exact
    SplitAttention(GpuBackend backend, GpuInfo info, boolean exactHalves) {
        this.backend = backend;
        this.exactHalves = exactHalves ? 1 : 0;
        this.able = info.subgroup() <= LARGEST_SUBGROUP;
        this.chunk = Math.max(SMALL_CHUNK, info.subgroup());
        this.tickets = backend.zeros((long) MOST_KV_HEADS * Integer.BYTES);
    }

    /// {@return whether the kernel takes such heads}
    ///
    /// @param rope how queries and keys are rotated, if they are
    boolean fits(Heads heads, KvType type, @Nullable Rope rope) {
        int longest = Math.max(heads.keyLength(), heads.valueLength());
        return able
                && type != KvType.Q8_0
                && heads.kvHeads() <= MOST_KV_HEADS
                && heads.group() <= MOST_SHARING
                && heads.keyLength() % 16 == 0
                && heads.valueLength() % 16 == 0
                && longest <= LONGEST_HEAD
                && heads.group() * longest <= MOST_SHARED_VALUES
                && (rope == null || 2 * rope.pairs() <= heads.keyLength());
    }

    /// Makes the rotations of the batch's token: all layers have the same.
    void rotate(Rope rope) {
        GpuMemory to =
                rotations.computeIfAbsent(
                        rope,
                        r -> backend.take(2L * Float.BYTES * r.pairs(), GpuMemory.Kind.DEVICE));
        backend.hazards().writes(to);
        backend.start()
                .add(to.address())
                .add(backend.batchMemory().positions())
                .add(backend.frequencies(rope).address())
                .add(rope.pairs())
                .add(rope.magnitude());
        backend.dispatch(backend.kernel("rotations"), Math.ceilDiv(rope.pairs(), 128), 1);
    }

    /// Rotates `attention.q()` and `append.keys()`, appends keys and values, and leaves the attention in `to`, quantized.
    ///
    /// @param rope one that was given to [#rotate], or none
    void attend(GpuMemory to, Verb.Append append, Verb.Attention attention, @Nullable Rope rope) {
        GpuKvCache cache = cache(attention);
        Heads heads = attention.heads();
        int splits = Math.clamp(BUSY / heads.kvHeads(), 1, MOST_SPLITS);
        GpuMemory left = parts(splits, heads);
        GpuMemory rotation = rope == null ? null : rotations.get(rope);
        if (rotation != null) {
            backend.hazards().reads(rotation);
        }
        backend.hazards().writes(to);
        backend.hazards().writes(left);
        backend.hazards().writes(backend.keys());
        backend.hazards().writes(backend.values());
        backend.start()
                .add(to.address())
                .add(backend.in(attention.q()))
                .add(backend.in(append.keys()))
                .add(backend.in(append.values()))
                .add(backend.batchMemory().caches())
                .add(backend.batchMemory().positions())
                .add(rotation == null ? 0L : rotation.address())
                .add(left.address())
                .add(tickets.address())
                .add(cache.keyOffset(attention.layer()))
                .add(cache.valueOffset(attention.layer()))
                .add(rope == null ? 0 : rope.pairs())
                .add(heads.scale());
        backend.dispatch(
                backend.kernel(
                        "splitAttention",
                        cache.layout().type().format().type().id(),
                        heads.group(),
                        heads.keyLength(),
                        heads.valueLength(),
                        pairing(rope),
                        exactHalves,
                        chunk),
                heads.kvHeads(),
                splits);
    }

    static GpuKvCache cache(Verb.Attention attention) {
        return (GpuKvCache) attention.batch().runs().getFirst().cache();
    }

    /// {@return how the kernel knows which values are a pair}
    private static int pairing(@Nullable Rope rope) {
        if (rope == null) {
            return 0;
        }
        return switch (rope.pairing()) {
            case INTERLEAVED -> 1;
            case HALVES -> 2;
        };
    }

    /// {@return memory for what the splits leave}
    private GpuMemory parts(int splits, Heads heads) {
        long bytes = (long) splits * heads.heads() * (heads.valueLength() + 4) * Float.BYTES;
        if (parts == null || parts.size() < bytes) {
            parts = backend.take(bytes, GpuMemory.Kind.DEVICE);
        }
        return parts;
    }
}
