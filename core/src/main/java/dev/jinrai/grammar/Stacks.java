package dev.jinrai.grammar;

import dev.jinrai.grammar.Stack.Frame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Makes [Stack]s: one object for equal ones. Mutable; one owner.
final class Stacks {
    /// What a thread's stack bears; far beyond what a text is let to where the grammar allows less.
    private static final int MOST_DEPTH = 2_000;

    /// Steps that a frame takes to merge: it is made, looked up and kept.
    private static final int MERGING = 8;

    /// Frames down to which stacks are compared.
    private static final int LOOK_DOWN = 6;

    private record Pair(Stack a, Stack b) {}

    private record Key(List<Frame> frames, boolean ended) {}

    private final Program program;
    private final long[] costs;
    private final Steps steps;
    private final Map<Key, Stack> known = new HashMap<>();
    private final Map<Pair, Stack> unions = new HashMap<>();
    final Stack dead;
    final Stack bottom;

    /// @param costs of each node, [Costs#INFINITE] for what can never be completed
    /// @param steps counts what merging takes
    Stacks(Program program, long[] costs, Steps steps) {
        this.program = program;
        this.costs = costs;
        this.steps = steps;
        this.dead = intern(List.of(), false);
        this.bottom = intern(List.of(), true);
    }

    int size() {
        return Math.max(known.size(), unions.size());
    }

    /// {@return a stack of one frame; dead if it can never be completed}
    Stack of(int node, int needed, int left, Stack below) {
        return frameCost(node, needed) + below.cost >= Costs.INFINITE
                ? dead
                : intern(List.of(new Frame(node, needed, left, below)), false);
    }

    Stack union(Stack a, Stack b) {
        if (a == b || b.isDead()) {
            return a;
        }
        if (a.isDead()) {
            return b;
        }
        var pair = new Pair(a, b);
        Stack known = unions.get(pair);
        if (known == null) {
            known = merge(a, b);
            unions.put(pair, known);
        }
        return known;
    }

    private Stack merge(Stack a, Stack b) {
        steps.take(MERGING * (a.frames.size() + b.frames.size()));
        List<Frame> merged = new ArrayList<>(a.frames.size() + b.frames.size());
        int i = 0;
        int j = 0;
        while (i < a.frames.size() && j < b.frames.size()) {
            Frame x = a.frames.get(i);
            Frame y = b.frames.get(j);
            int order = Frame.compare(x, y);
            if (order == 0) {
                merged.add(new Frame(x.node(), x.needed(), x.left(), union(x.below(), y.below())));
            } else {
                merged.add(order < 0 ? x : y);
            }
            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }
        merged.addAll(a.frames.subList(i, a.frames.size()));
        merged.addAll(b.frames.subList(j, b.frames.size()));
        return intern(undominated(merged), a.bottom || b.bottom);
    }

    /// {@return tops at these nodes, each with what is below it}
    Stack of(Map<Integer, Stack> belows, boolean ended) {
        List<Frame> frames = new ArrayList<>(belows.size());
        belows.forEach((node, below) -> {
            if (costs[node] + below.cost < Costs.INFINITE) {
                frames.add(new Frame(node, 0, 0, below));
            }
        });
        frames.sort(Frame::compare);
        return intern(frames, ended);
    }

    /// {@return the frames without rounds of loops that may do nothing that another round of the same loop may not}
    private List<Frame> undominated(List<Frame> frames) {
        List<Frame> kept = new ArrayList<>(frames.size());
        int first = 0; // of the kept frames of the same loop, which need as few rounds or fewer
        int most = -1;
        for (Frame frame : frames) {
            if (kept.isEmpty() || kept.getLast().node() != frame.node()) {
                first = kept.size();
                most = -1;
            }
            if (frame.left() > most || !isDominated(frame, kept.subList(first, kept.size()))) {
                kept.add(frame);
                most = Math.max(most, frame.left());
            }
        }
        return kept;
    }

    private boolean isDominated(Frame frame, List<Frame> others) {
        steps.take(1 + others.size());
        for (Frame other : others) {
            if (other.left() >= frame.left() && covers(other.below(), frame.below(), LOOK_DOWN)) {
                return true;
            }
        }
        return false;
    }

    /// {@return whether all that may follow one stack may follow the other, as far as a look `deep` frames down tells}
    private boolean covers(Stack all, Stack some, int deep) {
        if (all == some) {
            return true;
        }
        if (deep == 0 || (some.bottom && !all.bottom)) {
            return false;
        }
        for (Frame frame : some.frames) {
            steps.take(1 + all.frames.size());
            boolean covered = false;
            for (int i = 0; i < all.frames.size() && !covered; i++) {
                Frame other = all.frames.get(i);
                covered =
                        other.node() == frame.node()
                                && other.needed() <= frame.needed()
                                && other.left() >= frame.left()
                                && covers(other.below(), frame.below(), deep - 1);
            }
            if (!covered) {
                return false;
            }
        }
        return true;
    }

    /// {@return what a frame adds to the cost of what is below it}
    long frameCost(int node, int needed) {
        return program.nodes[node] instanceof Node.Round(int body, int next)
                ? Costs.times(needed, costs[body]) + costs[next]
                : costs[node];
    }

    private Stack intern(List<Frame> frames, boolean ended) {
        steps.take(1 + frames.size());
        var key = new Key(List.copyOf(frames), ended);
        Stack same = known.get(key);
        if (same != null) {
            return same;
        }
        long cost = ended ? 0 : Costs.INFINITE;
        int depth = 0;
        for (Frame frame : frames) {
            cost = Math.min(cost, frameCost(frame.node(), frame.needed()) + frame.below().cost);
            depth = Math.max(depth, 1 + frame.below().depth);
        }
        if (depth > MOST_DEPTH) {
            throw new GrammarException(
                    "the grammar comes to more than %d rules inside each other"
                            .formatted(MOST_DEPTH));
        }
        var stack = new Stack(key.frames, ended, cost, depth);
        known.put(key, stack);
        return stack;
    }

    /// {@return a stack of frames that belong to one, with stacks of this object below them}
    Stack of(List<Frame> frames, boolean ended) {
        return intern(frames, ended);
    }

    /// {@return the same where frames may be in any order and at the same place}
    Stack merged(List<Frame> frames, boolean ended) {
        List<Frame> sorted = new ArrayList<>(frames);
        sorted.sort(Frame::compare);
        List<Frame> merged = new ArrayList<>(sorted.size());
        for (Frame frame : sorted) {
            if (!merged.isEmpty() && merged.getLast().samePlace(frame)) {
                Stack below = union(merged.removeLast().below(), frame.below());
                merged.add(new Frame(frame.node(), frame.needed(), frame.left(), below));
            } else {
                merged.add(frame);
            }
        }
        return intern(undominated(merged), ended);
    }
}
