package dev.jinrai.jinja;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/// Jinja's filters, by name; those on sequences are in [SequenceFilters].
final class Filters {
    @FunctionalInterface
    interface Filter {
        Object apply(Object input, Args args);
    }

    private static final Set<String> LEFT_OUT =
            Set.of("random", "striptags", "urlize", "wordwrap", "xmlattr");

    private static final Pattern LINES =
            Pattern.compile("\\r\\n|[\\n\\r\\u000b\\f\\u001c-\\u001e\\u0085\\u2028\\u2029]");

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
                "attr",
                (in, args) -> access.ownAttribute(in, args.bind("attr", "name").text("name")));
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
            throw new Problem(
                    LEFT_OUT.contains(name)
                            ? "jinja2's filter '%s' is not supported".formatted(name)
                            : "no filter named '%s'".formatted(name));
        }
        budget.step();
        return filter.apply(input, args);
    }

    private void texts() {
        filters.put("trim", this::trim);
        filters.put("upper", (in, args) -> changed(in, args, "upper", Texts::upper));
        filters.put("lower", (in, args) -> changed(in, args, "lower", Texts::lower));
        filters.put("title", (in, args) -> changed(in, args, "title", Filters::title));
        filters.put("capitalize", (in, args) -> changed(in, args, "capitalize", Texts::capitalize));
        filters.put("replace", this::replace);
        filters.put("indent", this::indent);
        filters.put("center", this::center);
        filters.put(
                "format",
                (in, args) -> Percent.format(Texts.is(in) ? in : str(in), values(args), budget));
        filters.put("wordcount", (in, args) -> words(in, args));
        filters.put("truncate", this::truncate);
        filters.put("urlencode", this::url);
        filters.put("pprint", (in, _) -> Printing.repr(in, budget));
        filters.put("filesizeformat", (in, args) -> Sizes.print(in, args, budget));
    }

    private Object words(Object input, Args args) {
        args.bind("wordcount");
        String text = str(input);
        budget.each(text.length());
        long words = 0;
        boolean inside = false;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            boolean word = Texts.isLetterOrNumber(c) || c == '_';
            words += word && !inside ? 1 : 0;
            inside = word;
        }
        return words;
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

    private Object changed(Object input, Args args, String name, UnaryOperator<String> change) {
        args.bind(name);
        String text = str(input);
        budget.elements(text.length() >> 2);
        String result = change.apply(text);
        budget.characters(result.length());
        return Texts.like(input, result);
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
                        : Texts.strip(text, set, true, true, budget);
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
        String whole = Texts.need(input, "indent");
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
        for (String line : LINES.split(whole, -1)) {
            text.append(first ? "" : "\n");
            text.append(first || (line.isEmpty() && !blank) ? "" : unit).append(line);
            first = false;
        }
        return Texts.like(input, text.toString());
    }

    private Object center(Object input, Args args) {
        long width = args.bind("center", "width").integer("width", 80);
        Object text = Texts.is(input) ? input : str(input);
        Function center = (Function) StringMethods.find(text, "center", budget).orElseThrow();
        return center.call(Args.of(List.of(width)));
    }

    private Object truncate(Object input, Args args) {
        Args.Bound bound = args.bind("truncate", "length", "killwords", "end", "leeway");
        String end = bound.text("end", "...");
        long length = bound.integer("length", 255);
        long leeway = bound.integer("leeway", 5);
        budget.scan(end.length() + (Texts.is(input) ? Texts.of(input).length() : 0L));
        if (length < Texts.length(end) || leeway < 0) {
            throw new Problem(
                    "truncate: the length is at least %d, the leeway at least 0"
                            .formatted(Texts.length(end)));
        }
        long size = Iteration.length(input);
        if (size <= length + leeway) {
            return input;
        }
        String text = Texts.need(input, "truncate");
        int keep = (int) Math.min(length - Texts.length(end), size);
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
        if (Texts.is(input) || !Iteration.can(input)) {
            return Urls.quoted(str(input), "/", budget);
        }
        List<Object> pairs =
                input instanceof Map<?, ?> map
                        ? Dicts.items(map, budget)
                        : Iteration.of(input, budget);
        Text text = new Text(budget);
        for (Object pair : pairs) {
            List<Object> both = Iteration.of(pair, budget);
            if (both.size() != 2) {
                throw new Problem("urlencode needs pairs");
            }
            text.append(text.length() == 0 ? "" : "&")
                    .append(Urls.quoted(str(both.get(0)), "", budget).replace("%20", "+"))
                    .append("=")
                    .append(Urls.quoted(str(both.get(1)), "", budget).replace("%20", "+"));
        }
        return text.toString();
    }

    private Object integer(Object input, Args args) {
        Args.Bound bound = args.bind("int", "default", "base");
        Object otherwise = bound.or("default", 0L);
        Undefined.check(input);
        if (Texts.is(input)) {
            String text = Texts.of(input);
            budget.each(text.length());
            int base = Math.clamp(bound.integer("base", 10), -1, 99);
            return Numbers.parseInteger(text, base)
                    .or(() -> Numbers.parseReal(text).flatMap(Filters::whole))
                    .orElse(otherwise);
        }
        if (input instanceof Double d) {
            if (Double.isInfinite(d)) {
                throw new Problem("int: infinity is no integer");
            }
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
            budget.each(Texts.of(input).length());
            Optional<Double> value = Numbers.parseReal(Texts.of(input));
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
        if (!Numbers.is(input)) {
            throw new Problem("round needs a number, got " + Types.name(input));
        }
        return mode == RoundingMode.HALF_EVEN
                ? nearest(input, precision)
                : scaled(input, precision, mode);
    }

    private static Object nearest(Object input, int precision) {
        if (Numbers.isInteger(input)) {
            return Numbers.integer(
                    new BigDecimal(Numbers.big(input))
                            .setScale(Math.min(precision, 0), RoundingMode.HALF_EVEN)
                            .toBigInteger());
        }
        double value = Numbers.real(input);
        return Double.isFinite(value)
                ? Math.copySign(
                        new BigDecimal(value)
                                .setScale(precision, RoundingMode.HALF_EVEN)
                                .doubleValue(),
                        value)
                : value;
    }

    /// Jinja's own: the product with a power of ten is rounded, whatever the product lost.
    private static Object scaled(Object input, int precision, RoundingMode mode) {
        Object scale = Numbers.binary(Operator.POWER, 10L, (long) precision);
        Object product = Numbers.binary(Operator.MULTIPLY, input, scale);
        if (product instanceof Double d) {
            product =
                    whole(d.doubleValue(), mode)
                            .orElseThrow(() -> new Problem("round: the number is not finite"));
        }
        return Numbers.binary(Operator.DIVIDE, product, scale);
    }

    private static Optional<Object> whole(double value, RoundingMode mode) {
        return Double.isFinite(value)
                ? Optional.of(
                        Numbers.integer(new BigDecimal(value).setScale(0, mode).toBigInteger()))
                : Optional.empty();
    }
}
