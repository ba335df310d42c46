package dev.jinrai.tokenizer.pipeline;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// `\p{…}` of Oniguruma as the JDK writes it: general categories, scripts, and POSIX's classes.
final class UnicodeProperty {
    private static final Set<String> CATEGORIES =
            Set.of(
                    "C", "Cc", "Cf", "Cn", "Co", "Cs", "L", "LC", "Ll", "Lm", "Lo", "Lt", "Lu", "M",
                    "Mc", "Me", "Mn", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi",
                    "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs");
    private static final Map<String, String> LONG =
            Map.ofEntries(
                    Map.entry("other", "C"),
                    Map.entry("control", "Cc"),
                    Map.entry("format", "Cf"),
                    Map.entry("unassigned", "Cn"),
                    Map.entry("privateuse", "Co"),
                    Map.entry("letter", "L"),
                    Map.entry("lowercaseletter", "Ll"),
                    Map.entry("modifierletter", "Lm"),
                    Map.entry("otherletter", "Lo"),
                    Map.entry("titlecaseletter", "Lt"),
                    Map.entry("uppercaseletter", "Lu"),
                    Map.entry("mark", "M"),
                    Map.entry("combiningmark", "M"),
                    Map.entry("spacingmark", "Mc"),
                    Map.entry("enclosingmark", "Me"),
                    Map.entry("nonspacingmark", "Mn"),
                    Map.entry("number", "N"),
                    Map.entry("decimalnumber", "Nd"),
                    Map.entry("letternumber", "Nl"),
                    Map.entry("othernumber", "No"),
                    Map.entry("punctuation", "P"),
                    Map.entry("punct", "P"), // in brackets, [:punct:], it has the symbols too
                    Map.entry("connectorpunctuation", "Pc"),
                    Map.entry("dashpunctuation", "Pd"),
                    Map.entry("closepunctuation", "Pe"),
                    Map.entry("finalpunctuation", "Pf"),
                    Map.entry("initialpunctuation", "Pi"),
                    Map.entry("otherpunctuation", "Po"),
                    Map.entry("openpunctuation", "Ps"),
                    Map.entry("symbol", "S"),
                    Map.entry("currencysymbol", "Sc"),
                    Map.entry("modifiersymbol", "Sk"),
                    Map.entry("mathsymbol", "Sm"),
                    Map.entry("othersymbol", "So"),
                    Map.entry("separator", "Z"),
                    Map.entry("lineseparator", "Zl"),
                    Map.entry("paragraphseparator", "Zp"),
                    Map.entry("spaceseparator", "Zs"));

    private UnicodeProperty() {}

    /// @throws IllegalArgumentException if the name is not known
    static String of(String name, boolean negated) {
        String plain = name.replaceAll("[ _-]", "").toLowerCase(Locale.ROOT);
        for (String category : CATEGORIES) {
            if (category.toLowerCase(Locale.ROOT).equals(plain)) {
                return braces(category, negated);
            }
        }
        if (LONG.containsKey(plain)) {
            return braces(LONG.getOrDefault(plain, ""), negated);
        }
        try {
            return braces("Is" + Character.UnicodeScript.forName(name), negated);
        } catch (IllegalArgumentException e) {
            return posix(plain, negated);
        }
    }

    /// @throws IllegalArgumentException if the name is not known
    static String posix(String name, boolean negated) {
        return switch (name) {
            case "alnum" -> set("\\p{IsAlphabetic}\\p{Nd}", negated);
            case "alpha", "alphabetic" -> braces("IsAlphabetic", negated);
            case "blank" -> set("\\p{Zs}\\t", negated);
            case "cntrl" -> braces("Cc", negated);
            case "digit" -> braces("Nd", negated);
            case "lower", "lowercase" -> braces("IsLowercase", negated);
            case "punct" -> set("\\p{P}\\p{S}", negated);
            case "space", "whitespace" -> braces("IsWhite_Space", negated);
            case "upper", "uppercase" -> braces("IsUppercase", negated);
            case "xdigit" -> set("0-9a-fA-F", negated);
            case "word" -> wordInSet(negated);
            case "ascii" -> set("\\x00-\\x7F", negated);
            case "any" -> set("\\x{0}-\\x{10FFFF}", negated);
            case "assigned" -> braces("Cn", !negated);
            default ->
                    throw new IllegalArgumentException(
                            "the property %s is not known".formatted(Unsupported.quote(name)));
        };
    }

    /// `\w` in brackets: the joiners are not in it.
    static String wordInSet(boolean negated) {
        String word = "[\\w&&[^\\x{200C}\\x{200D}]]";
        return negated ? "[^" + word + "]" : word;
    }

    /// `\w` alone: superscripts and fractions of Latin-1 are in it too.
    static String word(boolean negated) {
        String word = "[\\w\\xB2\\xB3\\xB9\\xBC-\\xBE&&[^\\x{200C}\\x{200D}]]";
        return negated ? "[^" + word + "]" : word;
    }

    private static String braces(String name, boolean negated) {
        return (negated ? "\\P{" : "\\p{") + name + "}";
    }

    private static String set(String members, boolean negated) {
        return (negated ? "[^" : "[") + members + "]";
    }
}
