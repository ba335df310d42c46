package dev.jinrai.jinja;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Which names a scope has when it begins. Jinja knows that before it renders: a name that is set
/// anywhere in a scope belongs to it from its start, and is undefined until it is set. [Symbols]
/// fills it when the whole template is read; it does not change then.
final class Frame {
    private final Map<String, Object> undefined = new HashMap<>();
    private final List<String> outer = new ArrayList<>();

    /// A name that is not set yet.
    void undefined(String name) {
        undefined.put(name, new Undefined("'%s' is undefined".formatted(name)));
    }

    /// A name that begins with the value it has outside.
    void fromOutside(String name) {
        outer.add(name);
    }

    Map<String, Object> undefined() {
        return undefined;
    }

    List<String> outer() {
        return outer;
    }

    int size() {
        return undefined.size() + outer.size();
    }
}
