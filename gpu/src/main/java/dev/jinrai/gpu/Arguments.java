package dev.jinrai.gpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A kernel's arguments, packed in the order of its push constants: addresses and 64-bit numbers first, then what has 32 bits.
///
/// One object serves all dispatches: a recorder copies what [#bytes] shows.
final class Arguments {
    private final MemorySegment bytes = Arena.ofAuto().allocate(GpuDevice.MAX_ARGUMENTS, 8);
    private int size;

    /// Begins a new list.
    Arguments start() {
        size = 0;
        return this;
    }

    Arguments add(GpuBuffer buffer) {
        return add(buffer.address());
    }

    /// Adds an address or another number of 64 bits.
    Arguments add(long value) {
        bytes.set(JAVA_LONG_UNALIGNED, size, value);
        size += Long.BYTES;
        return this;
    }

    Arguments add(int value) {
        bytes.set(JAVA_INT_UNALIGNED, size, value);
        size += Integer.BYTES;
        return this;
    }

    Arguments add(float value) {
        bytes.set(JAVA_FLOAT_UNALIGNED, size, value);
        size += Float.BYTES;
        return this;
    }

    /// {@return the list so far, valid until [#start]}
    MemorySegment bytes() {
        return bytes.asSlice(0, size);
    }
}
