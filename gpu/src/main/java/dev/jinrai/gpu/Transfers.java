package dev.jinrai.gpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;

/// Bytes on their way between the host and the device, through memory that both see.
final class Transfers {
    /// Most bytes that go to the device at a time.
    static final long STAGING = 16L << 20;

    private final GpuDevice device;
    private final Holdings holdings;
    private final Recording recording;
    private final GpuMemory staging;
    private GpuMemory readback;

    Transfers(GpuDevice device, Holdings holdings, Recording recording) {
        this.device = device;
        this.holdings = holdings;
        this.recording = recording;
        staging = holdings.take(STAGING, GpuMemory.Kind.UPLOAD);
        readback = device.allocate(1 << 20, GpuMemory.Kind.READBACK);
    }

    /// {@return memory of the device, [#STAGING] bytes, which the host writes between two calls of [Recording#finish]}
    GpuMemory staging() {
        return staging;
    }

    /// Copies all of `data` to the begin of `memory`, and waits.
    void bring(MemorySegment data, GpuMemory memory) {
        recording.finish();
        for (long at = 0; at < data.byteSize(); at += STAGING) {
            long bytes = Math.min(STAGING, data.byteSize() - at);
            staging.host().asSlice(0, bytes).copyFrom(data.asSlice(at, bytes));
            recording.recorder().copy(staging, 0, memory, at, bytes);
            recording.finish();
        }
    }

    /// {@return memory of zeros, held until the backend is closed}
    GpuMemory zeros(long bytes) {
        GpuMemory memory = holdings.take(bytes, GpuMemory.Kind.DEVICE);
        recording.finish();
        staging.host().asSlice(0, Math.min(STAGING, bytes)).fill((byte) 0);
        for (long at = 0; at < bytes; at += STAGING) {
            recording.recorder().copy(staging, 0, memory, at, Math.min(STAGING, bytes - at));
        }
        recording.finish();
        return memory;
    }

    /// {@return memory of the device with these values; recording goes on beside it}
    GpuMemory constant(float[] values) {
        long bytes = (long) values.length * Float.BYTES;
        GpuMemory memory = holdings.take(bytes, GpuMemory.Kind.DEVICE);
        try (GpuMemory host = device.allocate(bytes, GpuMemory.Kind.UPLOAD)) {
            MemorySegment.copy(values, 0, host.host(), JAVA_FLOAT, 0, values.length);
            GpuRecorder copy = device.record();
            copy.copy(host, 0, memory, 0, bytes);
            copy.barrier();
            try (GpuStep step = copy.end()) {
                device.submit(step);
                device.await();
            }
        }
        return memory;
    }

    /// Waits, then brings the first bytes of `memory` to the host.
    MemorySegment fetch(GpuMemory memory, long bytes) {
        recording.issueWaiting();
        if (readback.size() < bytes) {
            recording.finish();
            readback.close();
            readback = device.allocate(bytes, GpuMemory.Kind.READBACK);
        }
        recording.recorder().barrier();
        recording.recorder().copy(memory, 0, readback, 0, bytes);
        recording.recorder().barrier();
        recording.finish();
        return readback.host().asSlice(0, bytes);
    }

    /// Gives back what [Holdings] does not hold.
    void close() {
        readback.close();
    }
}
