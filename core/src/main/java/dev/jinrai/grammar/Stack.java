package dev.jinrai.grammar;

import java.util.List;

/// All the ways in which a text may go on, as one value: each is a frame on top of the stack below it. Immutable.
///
/// Made by [Stacks] alone, which keeps one object for equal ones, so that stacks are compared by identity. Frames at the same place
/// have become one, with the stacks below them merged (the graph-structured stack of Tomita 1987, made canonical): however ambiguous
/// a grammar is, a stack has no more frames than there are places and counts.
final class Stack {
    /// Where to go on when what is above has ended.
    ///
    /// @param node what comes; for a loop, which has begun a round, its [Node.Round]
    /// @param needed how many more rounds a loop needs, else 0
    /// @param left how many more it may have, else 0
    record Frame(int node, int needed, int left, Stack below) {
        boolean samePlace(Frame other) {
            return node == other.node && needed == other.needed && left == other.left;
        }

        /// Places in order; of a loop, first what dominates.
        static int compare(Frame a, Frame b) {
            int byNode = Integer.compare(a.node, b.node);
            int byNeeded = byNode != 0 ? byNode : Integer.compare(a.needed, b.needed);
            return byNeeded != 0 ? byNeeded : Integer.compare(b.left, a.left);
        }
    }

    /// In the order of [Frame#compare].
    final List<Frame> frames;

    /// Whether the text may end here.
    final boolean bottom;

    /// The fewest tokens that complete the text if every byte takes one.
    final long cost;

    /// Frames on top of each other.
    final int depth;

    /// For [Stacks], which has computed these.
    Stack(List<Frame> frames, boolean bottom, long cost, int depth) {
        this.frames = frames;
        this.bottom = bottom;
        this.cost = cost;
        this.depth = depth;
    }

    boolean isDead() {
        return frames.isEmpty() && !bottom;
    }
}
