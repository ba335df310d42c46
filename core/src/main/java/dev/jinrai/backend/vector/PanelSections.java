package dev.jinrai.backend.vector;

/// The fields of a format's block that are read together, as panels keep them: each section of all blocks of a band of
/// panels is one stretch of memory ([PanelMatrix]).
///
/// A product goes through each section from front to back then. Were scales left between the codes, every run of codes would
/// end in a gap, at which the CPU's prefetcher loses track: the same loop read 8 to 15 GB/s so, and 28 without gaps.
final class PanelSections {
    private final int[] starts;

    /// @param starts the first byte of each section in a block, ascending from 0
    PanelSections(int... starts) {
        this.starts = starts;
    }

    int count() {
        return starts.length;
    }

    /// {@return the first byte of section `s` in a block}
    int start(int s) {
        return starts[s];
    }

    /// {@return the length of section `s` in a block of `blockBytes`}
    int bytes(int s, int blockBytes) {
        return (s + 1 < starts.length ? starts[s + 1] : blockBytes) - starts[s];
    }
}
