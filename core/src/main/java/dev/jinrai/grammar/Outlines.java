package dev.jinrai.grammar;

import dev.jinrai.grammar.Stack.Frame;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/// What stacks look like to tokens of few bytes, so that many states have the same mask. Mutable; one owner.
///
/// Each round of a loop takes a byte at least, so to a token of fewer bytes than `many` all counts from there on are alike. And few
/// tokens come to the end of the rules on top and see what is below: what happens up to there is the same wherever these rules
/// were called (the context-independent tokens of XGrammar, Dong et al. 2024, arXiv:2411.15100).
final class Outlines {
    /// Stacks that are looked at for where all ways meet.
    private static final int MOST_LOOKS = 200;

    /// A stack with lowered counts.
    ///
    /// @param cheaper by how much at most a cost is lower there
    record Near(Stack stack, long cheaper) {}

    /// A stack cut off.
    ///
    /// @param stack what is above, with the bottom in its place
    /// @param below what was cut off
    record Top(Stack stack, Stack below) {}

    private final Stacks stacks;
    private final int many;
    private final IdentityHashMap<Stack, Near> known = new IdentityHashMap<>();

    /// @param many counts above are lowered to it
    Outlines(Stacks stacks, int many) {
        this.stacks = stacks;
        this.many = many;
    }

    /// {@return the stack with lowered counts; itself if there are none}
    Near near(Stack stack) {
        Near near = known.get(stack);
        if (near == null) {
            near = lowered(stack);
            known.put(stack, near);
        }
        return near;
    }

    private Near lowered(Stack stack) {
        List<Frame> lowered = new ArrayList<>(stack.frames.size());
        long cheaper = 0;
        for (Frame f : stack.frames) {
            Near below = near(f.below());
            int needed = Math.min(many, f.needed());
            int left = f.left() == Expr.UNBOUNDED ? f.left() : Math.min(many, f.left());
            long saved =
                    stacks.frameCost(f.node(), f.needed()) - stacks.frameCost(f.node(), needed);
            cheaper = Math.max(cheaper, Math.min(Costs.INFINITE, saved + below.cheaper));
            lowered.add(new Frame(f.node(), needed, left, below.stack));
        }
        return new Near(stacks.merged(lowered, stack.bottom), cheaper);
    }

    /// {@return the stack down to where all of its ways come together; whole if they do not soon}
    Top top(Stack stack) {
        Stack below = meeting(stack);
        return new Top(above(stack, below, new IdentityHashMap<>()), below);
    }

    private Stack meeting(Stack stack) {
        // A stack is deeper than what is below it, so none comes twice.
        var ways = new PriorityQueue<Stack>(Comparator.comparingInt(way -> -way.depth));
        Set<Stack> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Stack way = stack;
        for (int looks = 0; looks < MOST_LOOKS; looks++) {
            for (Frame frame : way.frames) {
                if (seen.add(frame.below())) {
                    ways.add(frame.below());
                }
            }
            if (ways.isEmpty()) {
                return stacks.bottom;
            }
            way = ways.remove();
            if (ways.isEmpty()) {
                return way;
            }
            if (way.bottom) {
                return stacks.bottom;
            }
        }
        return stacks.bottom;
    }

    private Stack above(Stack stack, Stack below, IdentityHashMap<Stack, Stack> copies) {
        if (stack == below || stack.frames.isEmpty()) {
            return stacks.bottom;
        }
        Stack known = copies.get(stack);
        if (known == null) {
            List<Frame> frames = new ArrayList<>(stack.frames.size());
            for (Frame f : stack.frames) {
                frames.add(
                        new Frame(f.node(), f.needed(), f.left(), above(f.below(), below, copies)));
            }
            known = stacks.merged(frames, stack.bottom);
            copies.put(stack, known);
        }
        return known;
    }
}
