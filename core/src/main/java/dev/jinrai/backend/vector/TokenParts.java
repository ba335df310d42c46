package dev.jinrai.backend.vector;

/// How a product with many tokens is handed out where panels of rows are too few to occupy the threads: each panel in parts, some of
/// the tokens each.
///
/// Every part takes its panel's weights apart anew, so there are no more of them than pay; a thread that is given
/// neighbouring parts takes them as one. Tokens are multiplied in whole tiles whatever the parts, so they change no bit.
final class TokenParts {
    /// Of the time, one part in so many has to be won: panels that are many are not cut for the sake of the last one.
    private static final int WORTH = 8;

    /// Multiplies tokens `from … to - 1` with one panel.
    @FunctionalInterface
    interface Task {
        void run(int panel, int from, int to, int worker);
    }

    private TokenParts() {}

    /// {@return the number of parts with which a product takes least time, if all threads are equally fast}
    ///
    /// @param tile tokens that cannot be parted
    /// @param decoding how many tokens' products take as long as taking a panel apart
    static int count(int panels, int tokens, int tile, int decoding, int threads) {
        int tiles = Math.ceilDiv(tokens, tile);
        int best = 1;
        long least = rounds(panels, threads) * (tiles * (long) tile + decoding);
        least -= least / WORTH;
        for (int parts = 2; parts <= Math.min(tiles, threads); parts++) {
            long time =
                    rounds((long) panels * parts, threads)
                            * (Math.ceilDiv(tiles, parts) * (long) tile + decoding);
            if (time < least) {
                least = time;
                best = parts;
            }
        }
        return best;
    }

    private static long rounds(long pieces, int threads) {
        return Math.ceilDiv(pieces, threads);
    }

    /// Runs `task` for all tokens and panels.
    static void run(Workers workers, int panels, int tokens, int tile, int decoding, Task task) {
        int parts = count(panels, tokens, tile, decoding, workers.count());
        int tiles = Math.ceilDiv(tokens, tile);
        workers.parallel(
                panels * parts,
                1,
                (first, last, worker) -> {
                    for (int i = first; i < last; ) {
                        int panel = i / parts;
                        int end = Math.min(last, (panel + 1) * parts);
                        int from = (i - panel * parts) * tiles / parts * tile;
                        int to = (end - panel * parts) * tiles / parts * tile;
                        task.run(panel, from, Math.min(to, tokens), worker);
                        i = end;
                    }
                });
    }
}
