package dev.jinrai.grammar;

import java.util.Optional;

/// `minLength`, `maxLength`, `pattern`, `format`: one of the last two, or lengths.
final class SchemaString {
    private SchemaString() {}

    static Optional<Expr> expr(SchemaKeywords schema) {
        boolean lengths = schema.has("minLength") || schema.has("maxLength");
        Optional<String> pattern = schema.text("pattern");
        Optional<String> format = schema.text("format");
        if ((lengths ? 1 : 0) + pattern.stream().count() + format.stream().count() > 1) {
            throw schema.problem(
                    "'pattern', 'format' and lengths beside each other cannot be enforced");
        }
        if (pattern.isPresent()) {
            return Optional.of(quoted(RegexPattern.parse(pattern.get(), schema)));
        }
        if (format.isPresent()) {
            return Optional.of(quoted(format(format.get(), schema)));
        }
        int min = schema.count("minLength", 0);
        int max = schema.count("maxLength", Expr.UNBOUNDED);
        if (min > max) {
            return Optional.empty();
        }
        return Optional.of(lengths ? JsonRules.string(min, max) : JsonRules.STRING);
    }

    private static Expr quoted(Expr text) {
        return Expr.sequence(JsonRules.QUOTE, text, JsonRules.QUOTE);
    }

    /// RFC 3339's dates and times, RFC 9562's identifiers; as patterns.
    private static Expr format(String format, SchemaKeywords schema) {
        return switch (format) {
            case "date" -> pattern(date(), schema);
            case "time" -> pattern(time(), schema);
            case "date-time" -> pattern(date() + "T" + time(), schema);
            case "uuid" ->
                    pattern(
                            "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
                            schema);
            default ->
                    throw schema.problem(
                            "the format '%s' cannot be enforced (known: date, time, date-time, uuid)"
                                    .formatted(format));
        };
    }

    private static Expr pattern(String pattern, SchemaKeywords schema) {
        return RegexPattern.parse("^(?:" + pattern + ")$", schema);
    }

    /// Days that there are: months of 31, of 30, February, and its last day in leap years.
    private static String date() {
        String four = "0[48]|[2468][048]|[13579][26]"; // multiples of 4 below 100, less 00
        String leap = "[0-9]{2}(?:" + four + ")|(?:" + four + ")00";
        // From year 1: not all readers have a year 0.
        String year = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])";
        return "(?:"
                + year
                + "-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
                + "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
                + "|02-(?:0[1-9]|1[0-9]|2[0-8]))"
                + "|(?:"
                + leap
                + ")-02-29)";
    }

    /// Readers differ in which offsets they take; these are in use.
    private static String time() {
        return "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?"
                + "(?:Z|[-+](?:0[0-9]|1[0-3]):[0-5][0-9])";
    }
}
