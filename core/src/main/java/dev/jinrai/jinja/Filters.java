package dev.jinrai.jinja;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Jinja's filters, by name; those on sequences are in [SequenceFilters].
final class Filters {
    @FunctionalInterface
    interface Filter {
        Object apply(Object input, Args args);
    }

    private final Map<String, Filter> filters = new HashMap<>();
    private final Budget budget;

    Filters(Budget budget, Access access, Tests tests) {
        this.budget = budget;
        filters.put("tojson", (in, args) -> json(in, args));
        filters.put("string", (in, args) -> none(args, "string", Texts.is(in) ? in : str(in)));
        filters.put("safe", (in, args) -> none(args, "safe", new Markup(str(in))));
        filters.put("escape", (in, args) -> escape(in, args));
        filters.put("e", (in, args) -> escape(in, args));
        filters.put("forceescape", (in, _) -> new Markup(escaped(in)));
        filters.put("default", this::otherwise);
        filters.put("d", this::otherwise);
        filters.put(
                "attr", (in, args) -> access.attribute(in, args.bind("attr", "name").text("name")));
        texts();
        numbers();
        new SequenceFilters(budget, access, tests, this).register(filters);
    }

    boolean has(String name) {
        return filters.containsKey(name);
    }

    Object apply(String name, Object input, Args args) {
        Filter filter = filters.get(name);
        if (filter == null) {
            throw new Problem("no filter named '%s'".formatted(name));
        }
        budget.step();
        return filter.apply(input, args);
    }

    private void texts() {
        filters.put("trim", this::trim);
        filters.put("upper", (in, args) -> changed(in, args, "upper", Texts.upper(str(in))));
        filters.put("lower", (in, args) -> changed(in, args, "lower", Texts.lower(str(in))));
        filters.put("title", (in, args) -> changed(in, args, "title", title(str(in))));
        filters.put(
                "capitalize",
                (in, args) -> changed(in, args, "capitalize", Texts.capitalize(str(in))));
        filters.put("replace", this::replace);
        filters.put("indent", this::indent);
        filters.put("center", this::center);
        filters.put("format", (in, args) -> Formatting.percent(str(in), values(args), budget));
        filters.put("wordcount", (in, args) -> words(in, args));
        filters.put("truncate", this::truncate);
        filters.put("urlencode", this::url);
        filters.put("pprint", (in, _) -> Printing.repr(in, budget));
    }

    private Object words(Object input, Args args) {
        args.bind("wordcount");
        String text = str(input);
        budget.elements(text.length());
        return Arrays.stream(text.split("\\W+")).filter(w -> !w.isEmpty()).count();
    }

    private void numbers() {
        filters.put("int", this::integer);
        filters.put("float", this::real);
        filters.put("abs", (in, args) -> none(args, "abs", absolute(in)));
        filters.put("round", this::round);
    }

    private String str(Object value) {
        return Printing.str(value, budget);
    }

    private static Object none(Args args, String name, Object result) {
        args.bind(name);
        return result;
    }

    private Object changed(Object like, Args args, String name, String result) {
        args.bind(name);
        budget.characters(result.length());
        return Texts.like(like, result);
    }

    private static Object values(Args args) {
        return args.named().isEmpty() ? new Tuple(args.positional()) : Map.copyOf(args.named());
    }

    private Object json(Object input, Args args) {
        Args.Bound options =
                args.bind("tojson", "ensure_ascii", "indent", "separators", "sort_keys");
        return Json.write(input, options, budget);
    }

    private Object escape(Object input, Args args) {
        return none(args, "escape", input instanceof Markup ? input : new Markup(escaped(input)));
    }

    private String escaped(Object input) {
        String escaped = Markup.escape(str(input));
        budget.characters(escaped.length());
        return escaped;
    }

    private Object otherwise(Object input, Args args) {
        Args.Bound bound = args.bind("default", "default_value", "boolean");
        boolean missing =
                input instanceof Undefined || (bound.flag("boolean", false) && !Truth.of(input));
        return missing ? bound.or("default_value", "") : input;
    }

    private Object trim(Object input, Args args) {
        Args.Bound bound = args.bind("trim", "chars");
        String text = str(input);
        budget.scan(text.length());
        String set = bound.text("chars", "");
        String rest =
                bound.or("chars", None.NONE) == None.NONE
                        ? Texts.strip(text, true, true)
                        : Texts.strip(text, set, true, true);
        budget.characters(rest.length());
        return Texts.like(input, rest);
    }

    /// Jinja's own: a word begins behind white space, `-` or an opening bracket.
    private static String title(String text) {
        StringBuilder title = new StringBuilder();
        boolean begins = true;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            String letter = Character.toString(c);
            title.append(begins ? Texts.upper(letter) : Texts.lower(letter));
            begins = Texts.isSpace(c) || "-({[<".indexOf(c) >= 0;
        }
        return title.toString();
    }

    private Object replace(Object input, Args args) {
        Args.Bound bound = args.bind("replace", "old", "new", "count");
        return Texts.replace(
                str(input),
                str(bound.need("old")),
                str(bound.need("new")),
                bound.integer("count", -1),
                budget);
    }

    private Object indent(Object input, Args args) {
        Args.Bound bound = args.bind("indent", "width", "first", "blank");
        Object width = bound.or("width", 4L);
        String unit =
                Texts.is(width)
                        ? Texts.of(width)
                        : new Text(budget).repeat(" ", Numbers.index(width)).toString();
        boolean blank = bound.flag("blank", false);
        Text text = new Text(budget);
        if (bound.flag("first", false)) {
            text.append(unit);
        }
        boolean first = true;
        for (String line : str(input).split("\\r\\n|[\\n\\r\\u000b\\f\\u0085\\u2028\\u2029]", -1)) {
            text.append(first ? "" : "\n");
            text.append(first || (line.isEmpty() && !blank) ? "" : unit).append(line);
            first = false;
        }
        return Texts.like(input, text.toString());
    }

    private Object center(Object input, Args args) {
        long width = args.bind("center", "width").integer("width", 80);
        Function center = (Function) StringMethods.find(input, "center", budget).orElseThrow();
        return center.call(Args.of(List.of(width)));
    }

    private Object truncate(Object input, Args args) {
        Args.Bound bound = args.bind("truncate", "length", "killwords", "end", "leeway");
        String text = str(input);
        String end = bound.text("end", "...");
        long length = bound.integer("length", 255);
        int size = Texts.length(text);
        if (size <= length + bound.integer("leeway", 5)) {
            return input;
        }
        int keep = Math.clamp(length - Texts.length(end), 0, size);
        String cut = text.substring(0, text.offsetByCodePoints(0, keep));
        int space = cut.lastIndexOf(' ');
        boolean words = !bound.flag("killwords", false) && space >= 0;
        return new Text(budget)
                .append(words ? cut.substring(0, space) : cut)
                .append(end)
                .toString();
    }

    private Object url(Object input, Args args) {
        args.bind("urlencode");
        String text = str(input);
        budget.characters(3L * text.length());
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c < 128 && (Character.isLetterOrDigit(c) || "_.-~/".indexOf(c) >= 0);
            encoded.append(plain ? String.valueOf(c) : "%%%02X".formatted((int) c));
        }
        return encoded.toString();
    }

    private Object integer(Object input, Args args) {
        Args.Bound bound = args.bind("int", "default", "base");
        Object otherwise = bound.or("default", 0L);
        Undefined.check(input);
        if (Texts.is(input)) {
            String text = Texts.of(input);
            if (text.length() > 1000) {
                return otherwise;
            }
            Optional<Object> whole =
                    Numbers.parseInteger(text, Math.clamp(bound.integer("base", 10), 2, 36));
            return whole.or(() -> Numbers.parseReal(text).flatMap(Filters::whole))
                    .orElse(otherwise);
        }
        if (input instanceof Double d) {
            return whole(d).orElse(otherwise);
        }
        return Numbers.isInteger(input) ? Numbers.integer(Numbers.big(input)) : otherwise;
    }

    private static Optional<Object> whole(double value) {
        return Double.isFinite(value)
                ? Optional.of(Numbers.integer(new BigDecimal(value).toBigInteger()))
                : Optional.empty();
    }

    private Object real(Object input, Args args) {
        Object otherwise = args.bind("float", "default").or("default", 0.0);
        Undefined.check(input);
        if (Texts.is(input)) {
            Optional<Double> value =
                    Texts.of(input).length() > 1000
                            ? Optional.empty()
                            : Numbers.parseReal(Texts.of(input));
            return value.isPresent() ? value.get() : otherwise;
        }
        return Numbers.is(input) ? (Object) Numbers.real(input) : otherwise;
    }

    private static Object absolute(Object input) {
        Undefined.check(input);
        return input instanceof Double d
                ? (Object) Math.abs(d)
                : Numbers.integer(Numbers.big(input).abs());
    }

    private Object round(Object input, Args args) {
        Args.Bound bound = args.bind("round", "precision", "method");
        int precision = Math.clamp(bound.integer("precision", 0), -400, 400);
        RoundingMode mode =
                switch (bound.text("method", "common")) {
                    case "common" -> RoundingMode.HALF_EVEN;
                    case "ceil" -> RoundingMode.CEILING;
                    case "floor" -> RoundingMode.FLOOR;
                    default -> throw new Problem("round: the method is common, ceil or floor");
                };
        Undefined.check(input);
        if (Numbers.isInteger(input) && mode == RoundingMode.HALF_EVEN) {
            return Numbers.integer(
                    new BigDecimal(Numbers.big(input))
                            .setScale(Math.min(precision, 0), mode)
                            .toBigInteger());
        }
        double value = Numbers.real(input);
        return Double.isFinite(value)
                ? new BigDecimal(value).setScale(precision, mode).doubleValue()
                : value;
    }
}
