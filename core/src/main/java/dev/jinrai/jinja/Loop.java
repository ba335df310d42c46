package dev.jinrai.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The variable `loop` of one loop. Items are taken when they are needed, since the condition of a
/// loop may depend on what its body does: `last` and `nextitem` look one ahead, `length` takes all.
final class Loop {
    private Iterator<Object> items;
    private OptionalLong length;
    private final int depth;
    private final Budget budget;
    final Function recurse;
    private @Nullable Object previous;
    private @Nullable Object current;
    private @Nullable Object ahead;
    private long index = -1;
    private Object changed = new Undefined("");

    /// @param length of the items, if they have one
    Loop(Iterator<Object> items, OptionalLong length, int depth, Budget budget, Function recurse) {
        this.items = items;
        this.length = length;
        this.depth = depth;
        this.budget = budget;
        this.recurse = recurse;
    }

    int depth() {
        return depth;
    }

    /// {@return the next item, or null}
    @Nullable Object advance() {
        Object next = peek();
        ahead = null;
        index++;
        previous = current;
        current = next;
        return next;
    }

    private @Nullable Object peek() {
        if (ahead == null && items.hasNext()) {
            ahead = items.next();
        }
        return ahead;
    }

    private long length() {
        if (length.isEmpty()) {
            List<Object> rest = new ArrayList<>();
            items.forEachRemaining(rest::add);
            budget.elements(rest.size());
            items = rest.iterator();
            length = OptionalLong.of(rest.size() + index + 1 + (ahead == null ? 0 : 1));
        }
        return length.getAsLong();
    }

    Object attribute(String name) {
        return switch (name) {
            case "index" -> index + 1;
            case "index0" -> index;
            case "revindex" -> length() - index;
            case "revindex0" -> length() - index - 1;
            case "first" -> index == 0;
            case "last" -> peek() == null;
            case "length" -> length();
            case "depth" -> depth + 1L;
            case "depth0" -> (long) depth;
            case "previtem" -> orUndefined(previous, "there is no previous item");
            case "nextitem" -> orUndefined(peek(), "there is no next item");
            case "cycle" -> (Function) this::cycle;
            case "changed" -> (Function) this::changed;
            default -> new Undefined("'loop' has no attribute '%s'".formatted(name));
        };
    }

    private static Object orUndefined(@Nullable Object item, String reason) {
        return item == null ? new Undefined(reason) : item;
    }

    private Object cycle(Args args) {
        if (args.positional().isEmpty()) {
            throw new Problem("no items for cycling given");
        }
        return args.positional().get((int) (index % args.positional().size()));
    }

    private Object changed(Args args) {
        Object now = new Tuple(args.positional());
        boolean differs = !Comparing.equal(changed, now, budget);
        changed = now;
        return differs;
    }

    @Override
    public String toString() {
        return "<LoopContext %d/%d>".formatted(index + 1, length());
    }
}
