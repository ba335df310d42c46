package dev.jinrai.jinja;

/// Jinja's `filesizeformat`: `1.0 MB`, or with binary units `976.6 KiB`.
final class Sizes {
    private static final String PREFIXES = "kMGTPEZY";

    private Sizes() {}

    static String print(Object input, Args args, Budget budget) {
        boolean binary = args.bind("filesizeformat", "binary").flag("binary", false);
        Undefined.check(input);
        double bytes =
                Texts.is(input)
                        ? Numbers.parseReal(Texts.of(input))
                                .orElseThrow(() -> new Problem("filesizeformat needs a number"))
                        : number(input);
        double base = binary ? 1024 : 1000;
        if (bytes == 1) {
            return "1 Byte";
        }
        if (bytes < base) {
            return (long) bytes + " Bytes";
        }
        double unit = base * base;
        int at = 0;
        while (bytes >= unit && at < PREFIXES.length() - 1) {
            unit *= base;
            at++;
        }
        String prefix = PREFIXES.substring(at, at + 1);
        return "%s %s"
                .formatted(
                        Floats.fixed(base * bytes / unit, 1, budget),
                        binary ? Texts.upper(prefix) + "iB" : prefix + "B");
    }

    private static double number(Object input) {
        if (!Numbers.is(input)) {
            throw new Problem("filesizeformat needs a number, got " + Types.name(input));
        }
        return Numbers.real(input);
    }
}
