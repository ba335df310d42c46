package dev.jinrai.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The methods of Python's strings.
final class StringMethods {
    private final Object self;
    private final String text;
    private final Budget budget;

    private StringMethods(Object self, Budget budget) {
        this.self = self;
        this.text = Texts.of(self);
        this.budget = budget;
    }

    static Optional<Object> find(Object self, String name, Budget budget) {
        StringMethods methods = new StringMethods(self, budget);
        return Optional.ofNullable((Object) methods.method(name));
    }

    private @Nullable Function method(String name) {
        return switch (name) {
            case "split" -> args -> split(args.bind(name, "sep", "maxsplit"), false);
            case "rsplit" -> args -> split(args.bind(name, "sep", "maxsplit"), true);
            case "splitlines" -> this::lines;
            case "expandtabs" -> this::tabs;
            case "format" -> args -> Format.format(self, args, budget);
            default -> {
                Function method = positional(name);
                yield method == null ? null : args -> method.call(args.positional(name));
            }
        };
    }

    /// The methods that Python gives no arguments by name.
    private @Nullable Function positional(String name) {
        return switch (name) {
            case "strip" -> args -> strip(args, name, true, true);
            case "lstrip" -> args -> strip(args, name, true, false);
            case "rstrip" -> args -> strip(args, name, false, true);
            case "partition" -> args -> partition(args, false);
            case "rpartition" -> args -> partition(args, true);
            case "join" -> this::join;
            case "replace" -> this::replace;
            case "startswith" -> args -> edge(args, name);
            case "endswith" -> args -> edge(args, name);
            case "removeprefix" -> args -> removed(args, name);
            case "removesuffix" -> args -> removed(args, name);
            case "find" -> args -> find(args, name, false);
            case "rfind" -> args -> find(args, name, true);
            case "index" -> args -> index(args, name, false);
            case "rindex" -> args -> index(args, name, true);
            case "count" -> this::count;
            case "upper" -> args -> plain(args, name, Texts::upper);
            case "lower" -> args -> plain(args, name, Texts::lower);
            case "casefold" -> args -> plain(args, name, Texts::folded);
            case "title" -> args -> plain(args, name, StringMethods::title);
            case "capitalize" -> args -> plain(args, name, Texts::capitalize);
            case "swapcase" -> args -> plain(args, name, StringMethods::swapped);
            case "center" -> args -> pad(args, name);
            case "ljust" -> args -> pad(args, name);
            case "rjust" -> args -> pad(args, name);
            case "zfill" -> this::zeros;
            case "isdecimal" -> args -> all(args, name, Character::isDigit);
            case "isdigit" -> args -> all(args, name, Texts::isDigit);
            case "isnumeric" -> args -> all(args, name, Texts::isNumeric);
            case "isalpha" -> args -> all(args, name, Character::isLetter);
            case "isalnum" -> args -> all(args, name, Texts::isLetterOrNumber);
            case "isspace" -> args -> all(args, name, Texts::isSpace);
            case "isupper" -> args -> cased(args, name, true);
            case "islower" -> args -> cased(args, name, false);
            case "isascii" -> args -> all(args, name, c -> c < 128) || text.isEmpty();
            case "isprintable" -> args -> all(args, name, Printing::printable) || text.isEmpty();
            case "isidentifier" -> this::identifier;
            case "istitle" -> this::isTitle;
            default -> null;
        };
    }

    private Object made(String result) {
        return Texts.like(self, result);
    }

    private Object plain(Args args, String name, UnaryOperator<String> change) {
        args.bind(name);
        budget.elements(text.length() >> 2);
        String result = change.apply(text);
        budget.characters(result.length());
        return made(result);
    }

    private Object strip(Args args, String name, boolean left, boolean right) {
        budget.scan(text.length());
        String set = args.bind(name, "chars").text("chars", "");
        boolean spaces = args.positional().isEmpty() || args.positional().getFirst() == None.NONE;
        String rest =
                spaces
                        ? Texts.strip(text, left, right)
                        : Texts.strip(text, set, left, right, budget);
        budget.characters(rest.length());
        return made(rest);
    }

    private Object split(Args.Bound args, boolean right) {
        long most = args.integer("maxsplit", -1);
        most = most < 0 ? Long.MAX_VALUE : most;
        List<Object> parts = new ArrayList<>();
        if (args.or("sep", None.NONE) == None.NONE) {
            words(parts, most, right);
        } else {
            String separator = args.text("sep");
            if (separator.isEmpty()) {
                throw new Problem("split: the separator is empty");
            }
            if (right) {
                fromRight(parts, separator, most);
            } else {
                fromLeft(parts, separator, most);
            }
        }
        budget.elements(parts.size());
        budget.characters(text.length());
        return parts;
    }

    private void fromLeft(List<Object> parts, String separator, long most) {
        Search search = Search.of(separator, text.length(), budget);
        int from = 0;
        int at = search.first(text, 0);
        while (at >= 0 && parts.size() < most) {
            parts.add(made(text.substring(from, at)));
            from = at + separator.length();
            at = parts.size() < most ? search.first(text, from) : -1;
        }
        parts.add(made(text.substring(from)));
    }

    private void fromRight(List<Object> parts, String separator, long most) {
        budget.characters((long) text.length() + separator.length());
        String backwards = Search.reversed(text);
        Search search = Search.of(Search.reversed(separator), text.length(), budget);
        int length = text.length();
        int from = 0;
        int at = search.first(backwards, 0);
        while (at >= 0 && parts.size() < most) {
            parts.add(made(text.substring(length - at, length - from)));
            from = at + separator.length();
            at = parts.size() < most ? search.first(backwards, from) : -1;
        }
        parts.add(made(text.substring(0, length - from)));
        Collections.reverse(parts);
    }

    private void words(List<Object> parts, long most, boolean right) {
        budget.scan(text.length());
        int start = 0;
        int end = text.length();
        while (true) {
            start = right ? start : skip(start, end, true);
            end = right ? skipBack(start, end, true) : end;
            if (start >= end) {
                break;
            }
            boolean last = parts.size() >= most;
            int from = right && !last ? skipBack(start, end, false) : start;
            int to = right || last ? end : skip(start, end, false);
            parts.add(made(text.substring(from, to)));
            start = right ? start : to;
            end = right ? from : end;
        }
        if (right) {
            Collections.reverse(parts);
        }
    }

    /// The first place from `start` on that is not white space, or that is.
    private int skip(int start, int end, boolean space) {
        int at = start;
        while (at < end && Texts.isSpace(text.charAt(at)) == space) {
            at++;
        }
        return at;
    }

    private int skipBack(int start, int end, boolean space) {
        int at = end;
        while (at > start && Texts.isSpace(text.charAt(at - 1)) == space) {
            at--;
        }
        return at;
    }

    private Object lines(Args args) {
        boolean keep = args.bind("splitlines", "keepends").flag("keepends", false);
        budget.scan(text.length());
        List<Object> lines = new ArrayList<>();
        int from = 0;
        while (from < text.length()) {
            int end = from;
            while (end < text.length()
                    && "\n\r\u000b\f\u001c\u001d\u001e\u0085\u2028\u2029".indexOf(text.charAt(end))
                            < 0) {
                end++;
            }
            int next = text.startsWith("\r\n", end) ? end + 2 : Math.min(end + 1, text.length());
            lines.add(made(text.substring(from, keep ? next : end)));
            from = next;
        }
        budget.elements(lines.size());
        budget.characters(text.length());
        return lines;
    }

    /// Tabs become spaces up to the next column that is a multiple of the size.
    private Object tabs(Args args) {
        long size = args.bind("expandtabs", "tabsize").integer("tabsize", 8);
        budget.each(text.length());
        Text expanded = new Text(budget);
        long column = 0;
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\t') {
                long spaces = size > 0 ? size - column % size : 0;
                expanded.append(text.substring(from, i)).repeat(" ", spaces);
                column += spaces;
                from = i + 1;
            } else {
                column =
                        c == '\n' || c == '\r' ? 0 : column + (Character.isLowSurrogate(c) ? 0 : 1);
            }
        }
        return made(expanded.append(text.substring(from)).toString());
    }

    private Object partition(Args args, boolean right) {
        String separator = args.bind("partition", "sep").text("sep");
        if (separator.isEmpty()) {
            throw new Problem("partition: the separator is empty");
        }
        int at =
                right
                        ? Search.last(text, separator, budget)
                        : Search.first(text, separator, budget);
        budget.characters(text.length());
        if (at < 0) {
            return right ? Tuple.of(made(""), made(""), self) : Tuple.of(self, made(""), made(""));
        }
        return Tuple.of(
                made(text.substring(0, at)),
                made(separator),
                made(text.substring(at + separator.length())));
    }

    private Object join(Args args) {
        Text joined = new Text(budget);
        String separator = "";
        for (Object item : Iteration.of(args.bind("join", "items").need("items"), budget)) {
            joined.append(separator).append(joined(item));
            separator = text;
        }
        return made(joined.toString());
    }

    private String joined(Object item) {
        if (!(self instanceof Markup)) {
            return Texts.need(item, "join");
        }
        return item instanceof Markup markup
                ? markup.text()
                : Markup.escape(Printing.str(item, budget));
    }

    private Object replace(Args args) {
        Args.Bound bound = args.bind("replace", "old", "new", "count");
        return made(
                Texts.replace(
                        text,
                        bound.text("old"),
                        bound.text("new"),
                        bound.integer("count", -1),
                        budget));
    }

    private Object edge(Args args, String name) {
        Args.Bound bound = args.bind(name, "prefix", "start", "end");
        Optional<String> part = part(bound);
        Object wanted = bound.need("prefix");
        List<Object> all = wanted instanceof Tuple tuple ? tuple.items() : List.of(wanted);
        for (Object each : all) {
            String edge = Texts.need(each, name);
            budget.scan(edge.length());
            if (part.isPresent()
                    && (name.equals("startswith")
                            ? part.get().startsWith(edge)
                            : part.get().endsWith(edge))) {
                return true;
            }
        }
        return false;
    }

    /// The text between the arguments `start` and `end`; none if it starts behind the text's end.
    private Optional<String> part(Args.Bound bound) {
        if (bound.get("start") == null && bound.get("end") == null) {
            return Optional.of(text);
        }
        Optional<Object> start = Optional.ofNullable(bound.get("start"));
        budget.scan(text.length());
        if (bound.integer("start", 0) > Texts.length(text)) {
            return Optional.empty();
        }
        Optional<Object> end = Optional.ofNullable(bound.get("end"));
        Object part = new Access(budget).slice(text, start, end, Optional.empty());
        return Optional.of(Texts.of(part));
    }

    private Object removed(Args args, String name) {
        String edge = args.bind(name, "affix").text("affix");
        budget.characters(text.length());
        if (name.equals("removeprefix")) {
            return made(text.startsWith(edge) ? text.substring(edge.length()) : text);
        }
        return made(text.endsWith(edge) ? text.substring(0, text.length() - edge.length()) : text);
    }

    private long find(Args args, String name, boolean right) {
        Args.Bound bound = args.bind(name, "sub", "start", "end");
        String wanted = bound.text("sub");
        Optional<String> found = part(bound);
        if (found.isEmpty()) {
            return -1;
        }
        String part = found.get();
        int at = right ? Search.last(part, wanted, budget) : Search.first(part, wanted, budget);
        if (at < 0) {
            return -1;
        }
        long start = bound.integer("start", 0);
        long length = Texts.length(text);
        return part.codePointCount(0, at) + Math.max(0, start < 0 ? start + length : start);
    }

    private Object index(Args args, String name, boolean right) {
        long at = find(args, name, right);
        if (at < 0) {
            throw new Problem("substring not found");
        }
        return at;
    }

    private Object count(Args args) {
        Args.Bound bound = args.bind("count", "sub", "start", "end");
        Optional<String> found = part(bound);
        String wanted = bound.text("sub");
        if (found.isEmpty()) {
            return 0L;
        }
        String part = found.get();
        if (wanted.isEmpty()) {
            return Texts.length(part) + 1L;
        }
        Search search = Search.of(wanted, part.length(), budget);
        long count = 0;
        for (int at = search.first(part, 0);
                at >= 0;
                at = search.first(part, at + wanted.length())) {
            count++;
        }
        return count;
    }

    private static String title(String text) {
        StringBuilder title = new StringBuilder();
        boolean[] inside = {false};
        text.codePoints()
                .forEach(c -> {
                    String letter = Character.toString(c);
                    title.append(inside[0] ? Texts.lower(letter) : Texts.titled(c));
                    inside[0] = Character.isLetter(c);
                });
        return title.toString();
    }

    private static String swapped(String text) {
        StringBuilder swapped = new StringBuilder();
        text.codePoints()
                .forEach(c -> {
                    String letter = Character.toString(c);
                    swapped.append(
                            Character.isUpperCase(c) ? Texts.lower(letter) : Texts.upper(letter));
                });
        return swapped.toString();
    }

    private Object pad(Args args, String name) {
        Args.Bound bound = args.bind(name, "width", "fillchar");
        long width = Numbers.index(bound.need("width"));
        String fill = bound.text("fillchar", " ");
        if (Texts.length(fill) != 1) {
            throw new Problem("%s fills with one character".formatted(name));
        }
        long missing = Math.max(0, width - Texts.length(text));
        long left =
                switch (name) {
                    case "ljust" -> 0;
                    case "rjust" -> missing;
                    default -> missing / 2 + (missing & width & 1);
                };
        Text padded = new Text(budget).repeat(fill, left).append(text);
        return made(padded.repeat(fill, missing - left).toString());
    }

    private Object zeros(Args args) {
        long width = Numbers.index(args.bind("zfill", "width").need("width"));
        boolean signed = text.startsWith("-") || text.startsWith("+");
        Text padded = new Text(budget).append(signed ? text.substring(0, 1) : "");
        padded.repeat("0", width - Texts.length(text));
        return made(padded.append(signed ? text.substring(1) : text).toString());
    }

    private Object identifier(Args args) {
        args.bind("isidentifier");
        budget.each(text.length());
        return !text.isEmpty()
                && (Character.isUnicodeIdentifierStart(text.codePointAt(0))
                        || text.charAt(0) == '_')
                && text.codePoints()
                        .allMatch(c ->
                                Character.isUnicodeIdentifierPart(c)
                                        && !Character.isIdentifierIgnorable(c));
    }

    private Object isTitle(Args args) {
        args.bind("istitle");
        budget.each(text.length());
        boolean inside = false;
        boolean any = false;
        for (int c : text.codePoints().toArray()) {
            boolean begins = Character.isUpperCase(c) || Character.isTitleCase(c);
            boolean goesOn = Character.isLowerCase(c);
            if ((begins && inside) || (goesOn && !inside)) {
                return false;
            }
            inside = begins || goesOn;
            any |= inside;
        }
        return any;
    }

    private boolean all(Args args, String name, IntPredicate kind) {
        args.bind(name);
        budget.each(text.length());
        return !text.isEmpty() && text.codePoints().allMatch(kind);
    }

    private Object cased(Args args, String name, boolean upper) {
        args.bind(name);
        return Texts.cased(text, upper, budget);
    }
}
