package dev.jinrai.gguf;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalLong;

/// Reads mapped memory from its file before it is needed: in order, so at the disk's full speed.
///
/// A mapping is read by page faults, where somebody first touches it. Threads that multiply rows touch
/// it in many places at once and wait for a few pages each time; nobody sees why. What is in memory
/// already is left alone, and costs a system call for each [#CHUNK].
///
/// Memory is left alone too when there is more of it than the system has to spare: reading its end would
/// drop its beginning. To stop, interrupt the thread.
public final class Warming {
    /// Bytes read between two reports: a few milliseconds of a fast disk, half a second of a slow one.
    static final long CHUNK = 16 << 20;

    private Warming() {}

    /// Hears how it goes, on the calling thread.
    public interface Listener {
        /// Hears of each chunk.
        ///
        /// @param done bytes in memory by now, those included that were there before
        /// @param total bytes in all
        void read(long done, long total);

        /// Hears that nothing is read ahead, because there is not enough memory. Weights that a backend uses in
        /// the file are then read again and again, those that it gives a form of its own once.
        ///
        /// @param total bytes in all
        /// @param available bytes that the system has to spare
        void tooLarge(long total, long available);
    }

    /// Brings `segments` into memory; those that no file is mapped to are there.
    ///
    /// @param available what the system has to spare, in bytes; if it does not say, nothing is read
    public static void warm(
            List<MemorySegment> segments, OptionalLong available, Listener listener) {
        long total = segments.stream().mapToLong(MemorySegment::byteSize).sum();
        if (available.isEmpty()) {
            return;
        }
        if (total > available.getAsLong()) {
            listener.tooLarge(total, available.getAsLong());
            return;
        }
        long done = 0;
        for (MemorySegment segment : segments) {
            for (long at = 0; at < segment.byteSize(); at += CHUNK) {
                if (Thread.currentThread().isInterrupted()) {
                    return;
                }
                long length = Math.min(CHUNK, segment.byteSize() - at);
                MemorySegment chunk = segment.asSlice(at, length);
                if (chunk.isMapped() && !chunk.isLoaded()) {
                    chunk.load();
                }
                done += length;
                listener.read(done, total);
            }
        }
    }
}
