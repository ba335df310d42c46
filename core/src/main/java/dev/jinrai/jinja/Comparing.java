package dev.jinrai.jinja;

import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// Python's `==`, `<` and `in`.
final class Comparing {
    private Comparing() {}

    @SuppressWarnings("ReferenceEquality") // As Python: other objects equal themselves.
    static boolean equal(Object a, Object b, Budget budget) {
        budget.step();
        if (Texts.is(a) && Texts.is(b)) {
            budget.scan(Texts.of(a).length());
            return Texts.of(a).equals(Texts.of(b));
        }
        if (Numbers.is(a) && Numbers.is(b)) {
            return !nan(a) && !nan(b) && Numbers.compare(a, b) == 0;
        }
        budget.enter();
        boolean same =
                switch (a) {
                    case List<?> x when b instanceof List<?> y ->
                            x instanceof Range == y instanceof Range && same(x, y, budget);
                    case Tuple x when b instanceof Tuple y -> same(x.items(), y.items(), budget);
                    case Map<?, ?> x when b instanceof Map<?, ?> y -> same(x, y, budget);
                    case Undefined _ -> b instanceof Undefined;
                    default -> a == b;
                };
        budget.leave();
        return same;
    }

    private static boolean nan(Object value) {
        return value instanceof Double d && Double.isNaN(d);
    }

    private static boolean same(List<?> a, List<?> b, Budget budget) {
        if (a.size() != b.size()) {
            return false;
        }
        for (int i = 0; i < a.size(); i++) {
            if (!equal(a.get(i), b.get(i), budget)) {
                return false;
            }
        }
        return true;
    }

    private static boolean same(Map<?, ?> a, Map<?, ?> b, Budget budget) {
        if (a.size() != b.size()) {
            return false;
        }
        for (Map.Entry<?, ?> entry : a.entrySet()) {
            Object other = b.get(entry.getKey());
            if (other == null || !equal(entry.getValue(), other, budget)) {
                return false;
            }
        }
        return true;
    }

    /// {@return less than, equal to or greater than zero}
    static int compare(Object a, Object b, Budget budget) {
        budget.step();
        if (Texts.is(a) && Texts.is(b)) {
            budget.scan(Texts.of(a).length());
            return compare(Texts.of(a), Texts.of(b));
        }
        if (Numbers.is(a) && Numbers.is(b)) {
            return Numbers.compare(a, b);
        }
        boolean range = a instanceof Range || b instanceof Range;
        if (!range && a instanceof List<?> x && b instanceof List<?> y) {
            return lists(x, y, budget);
        }
        if (a instanceof Tuple x && b instanceof Tuple y) {
            return lists(x.items(), y.items(), budget);
        }
        Undefined.check(a);
        Undefined.check(b);
        throw new Problem("'%s' and '%s' have no order".formatted(Types.name(a), Types.name(b)));
    }

    /// By code points, which is another order than that of UTF-16 units.
    private static int compare(String a, String b) {
        int same = 0;
        int shorter = Math.min(a.length(), b.length());
        while (same < shorter && a.charAt(same) == b.charAt(same)) {
            same++;
        }
        if (same == shorter) {
            return Integer.compare(a.length(), b.length());
        }
        char x = a.charAt(same);
        char y = b.charAt(same);
        boolean oneSurrogate = Character.isSurrogate(x) != Character.isSurrogate(y);
        return oneSurrogate ? (Character.isSurrogate(x) ? 1 : -1) : Character.compare(x, y);
    }

    private static int lists(List<?> a, List<?> b, Budget budget) {
        budget.enter();
        int order = 0;
        for (int i = 0; order == 0 && i < Math.min(a.size(), b.size()); i++) {
            if (!equal(a.get(i), b.get(i), budget)) {
                order = compare(a.get(i), b.get(i), budget);
            }
        }
        budget.leave();
        return order != 0 ? order : Integer.compare(a.size(), b.size());
    }

    static boolean contains(Object container, Object item, Budget budget) {
        if (Texts.is(container)) {
            if (!Texts.is(item)) {
                throw new Problem(
                        "'in <string>' needs a string on its left, got " + Types.name(item));
            }
            return Search.first(Texts.of(container), Texts.of(item), budget) >= 0;
        }
        if (container instanceof Map<?, ?> map) {
            return map.containsKey(Dicts.key(item, budget));
        }
        Iterator<Object> items = Iteration.iterator(container, budget);
        while (items.hasNext()) {
            if (equal(items.next(), item, budget)) {
                return true;
            }
        }
        return false;
    }
}
