package dev.jinrai.jinja;

import java.util.List;

/// The variable `loop` of one loop.
final class Loop {
    private final List<Object> items;
    private final int depth;
    final Function recurse;
    int index;
    private Object changed = new Undefined("");

    Loop(List<Object> items, int depth, Function recurse) {
        this.items = items;
        this.depth = depth;
        this.recurse = recurse;
    }

    int depth() {
        return depth;
    }

    Object attribute(String name, Budget budget) {
        long length = items.size();
        return switch (name) {
            case "index" -> index + 1L;
            case "index0" -> (long) index;
            case "revindex" -> length - index;
            case "revindex0" -> length - index - 1;
            case "first" -> index == 0;
            case "last" -> index == length - 1;
            case "length" -> length;
            case "depth" -> depth + 1L;
            case "depth0" -> (long) depth;
            case "previtem" ->
                    index > 0 ? items.get(index - 1) : new Undefined("there is no previous item");
            case "nextitem" ->
                    index + 1 < length
                            ? items.get(index + 1)
                            : new Undefined("there is no next item");
            case "cycle" -> (Function) this::cycle;
            case "changed" -> (Function) args -> changed(args, budget);
            default -> new Undefined("'loop' has no attribute '%s'".formatted(name));
        };
    }

    private Object cycle(Args args) {
        if (args.positional().isEmpty()) {
            throw new Problem("no items for cycling given");
        }
        return args.positional().get(index % args.positional().size());
    }

    private Object changed(Args args, Budget budget) {
        Object now = new Tuple(args.positional());
        boolean differs = !Comparing.equal(changed, now, budget);
        changed = now;
        return differs;
    }
}
