package dev.jinrai.gpu.vulkan;

import java.util.TreeMap;

/// Which stretches of a chunk of memory are free. First fit; neighbours that are given back become one.
final class FreeList {
    /// Length by offset.
    private final TreeMap<Long, Long> free = new TreeMap<>();

    private final long size;

    /// All is free: `size` bytes, the first at `offset`.
    FreeList(long offset, long size) {
        this.size = size;
        free.put(offset, size);
    }

    /// {@return the offset of `length` bytes that are taken now, or -1 if there is no such stretch}
    long take(long length) {
        var fitting =
                free.entrySet().stream()
                        .filter(stretch -> stretch.getValue() >= length)
                        .findFirst();
        if (fitting.isEmpty()) {
            return -1;
        }
        long offset = fitting.get().getKey();
        long rest = fitting.get().getValue() - length;
        free.remove(offset);
        if (rest > 0) {
            free.put(offset + length, rest);
        }
        return offset;
    }

    /// Gives a stretch back that was taken.
    void give(long offset, long length) {
        long from = offset;
        long to = offset + length;
        var before = free.floorEntry(from);
        if (before != null && before.getKey() + before.getValue() == from) {
            from = before.getKey();
        }
        Long after = free.remove(to);
        if (after != null) {
            to += after;
        }
        free.put(from, to - from);
    }

    /// {@return whether nothing is taken}
    boolean whole() {
        return free.size() == 1 && free.firstEntry().getValue() == size;
    }
}
