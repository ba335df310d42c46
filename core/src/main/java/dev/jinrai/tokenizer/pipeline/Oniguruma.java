package dev.jinrai.tokenizer.pipeline;

import dev.jinrai.tokenizer.pipeline.PatternTree.Mode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads regular expressions as Oniguruma does, with Ruby's syntax and Unicode, which is what a `tokenizer.json` is written in.
///
/// ```
/// ^ $ .            of lines, and only a line feed ends one
/// (?m)             the point is a line feed too
/// x{1,3}+  x{2}?   (?:x{1,3})+  (?:x{2})?
/// x{,3}  x{3,1}    x{0,3}  (?>x{1,3})
/// a(?i)b|c         a(?i:b|c)
/// ```
/// What is not known is an error, never passed on. Groups are not remembered: what refers to them is not known. Sets of
/// characters are in [OnigurumaSet], what `(?i)` makes of letters in [AnyCase].
///
/// Source: `doc/RE` and `doc/SYNTAX.md` of Oniguruma 6.9.
final class Oniguruma {
    private static final String WORD = UnicodeProperty.word(false);
    private static final CharacterSet NO_LINE_FEED = CharacterSet.of('\n').negated();
    private static final int DEEPEST = 100;
    private static final int MOST_REPEATS = 10; // of the same part, x+*?
    private static final int MOST_REPETITIONS = 100_000;

    private final PatternSource source;
    private final OnigurumaSet sets;
    private int depth;

    private Oniguruma(String source) {
        this.source = new PatternSource(source);
        sets = new OnigurumaSet(this.source);
    }

    /// @throws IllegalArgumentException if the pattern is wrong, or has what is not known
    static PatternTree parse(String source) {
        Oniguruma parser = new Oniguruma(source);
        PatternTree tree = parser.either(new Options(false, false, false)).tree;
        if (!parser.source.atEnd()) {
            throw parser.source.wrong("a ')' without its '('");
        }
        return tree;
    }

    /// What `\b` asks for.
    static CharacterSet word() {
        return OnigurumaSet.named(WORD);
    }

    /// `i`, `m` and `x`.
    private record Options(boolean anyCase, boolean pointIsAll, boolean spaced) {
        Options with(String letters, boolean on) {
            return new Options(
                    letters.contains("i") ? on : anyCase,
                    letters.contains("m") ? on : pointIsAll,
                    letters.contains("x") ? on : spaced);
        }
    }

    /// @param text what it is the same as, if it is nothing but letters
    private record Parsed(PatternTree tree, @Nullable String text) {
        Parsed(PatternTree tree) {
            this(tree, null);
        }
    }

    /// Alternatives, up to the end of their group.
    private Parsed either(Options options) {
        if (++depth > DEEPEST) {
            throw source.wrong("its groups lie too deep");
        }
        List<Parsed> parts = new ArrayList<>();
        do {
            parts.add(row(options));
        } while (source.skip("|"));
        depth--;
        return parts.size() == 1
                ? parts.getFirst()
                : new Parsed(new PatternTree.Either(parts.stream().map(Parsed::tree).toList()));
    }

    private Parsed row(Options options) {
        List<PatternTree> parts = new ArrayList<>();
        StringBuilder text = new StringBuilder(); // letters that nothing repeats
        while (!source.atEnd() && !source.comes("|") && !source.comes(")")) {
            if (passed(options)) {
                continue;
            }
            Options later = laterOptions(options);
            if (later != null) {
                flush(text, options, parts);
                parts.add(either(later).tree);
                break;
            }
            Parsed one = one(options);
            if (one.text != null && !repeats(options)) {
                text.append(one.text);
                continue;
            }
            flush(text, options, parts);
            parts.add(repeated(one.tree, options));
        }
        if (parts.isEmpty() && !text.isEmpty()) {
            return new Parsed(text(text.toString(), options), text.toString());
        }
        flush(text, options, parts);
        return new Parsed(parts.size() == 1 ? parts.getFirst() : new PatternTree.Row(parts));
    }

    private static void flush(StringBuilder text, Options options, List<PatternTree> parts) {
        if (!text.isEmpty()) {
            parts.add(text(text.toString(), options));
            text.setLength(0);
        }
    }

    private static PatternTree text(String text, Options options) {
        if (options.anyCase) {
            return AnyCase.of(text);
        }
        List<PatternTree> letters =
                text.codePoints()
                        .<PatternTree>mapToObj(c -> new PatternTree.One(CharacterSet.of(c)))
                        .toList();
        return letters.size() == 1 ? letters.getFirst() : new PatternTree.Row(letters);
    }

    /// Passes a comment; with the option x, space and its comments are nothing too.
    private boolean passed(Options options) {
        if (source.skip("(?#")) {
            source.until(")");
            return true;
        }
        if (!options.spaced) {
            return false;
        }
        if (!source.run(" \t\n\r\f\u000B", Integer.MAX_VALUE).isEmpty()) {
            return true;
        }
        if (!source.skip("#")) {
            return false;
        }
        while (!source.atEnd() && source.next() != '\n') {}
        return true;
    }

    /// {@return the options from here to the end of the group, null if none are set here}
    private @Nullable Options laterOptions(Options options) {
        int place = source.place();
        if (source.skip("(?")) {
            Options later = options(options);
            if (later != null && source.skip(")")) {
                return later;
            }
        }
        source.back(place);
        return null;
    }

    /// Reads `i-m`; null if there is no such thing.
    private @Nullable Options options(Options options) {
        String on = source.run("imx", 8);
        String off = source.skip("-") ? source.run("imx", 8) : "";
        return on.isEmpty() && off.isEmpty() ? null : options.with(on, true).with(off, false);
    }

    private Parsed one(Options options) {
        int c = source.next();
        return switch (c) {
            case '\\' -> escaped(options);
            case '[' -> new Parsed(set(options));
            case '(' -> group(options);
            case '^' -> place(PatternTree.Place.LINE_START, options);
            case '$' -> place(PatternTree.Place.LINE_END, options);
            case '.' ->
                    new Parsed(
                            new PatternTree.One(
                                    options.pointIsAll ? CharacterSet.all() : NO_LINE_FEED));
            case '*', '+', '?' -> throw source.wrong("'%c' with nothing to repeat".formatted(c));
            case '{' -> {
                source.back(source.place() - 1);
                if (interval() != null) {
                    throw source.wrong("'{' with nothing to repeat");
                }
                source.next();
                yield letter(c, options);
            }
            default -> letter(c, options);
        };
    }

    private static Parsed letter(int c, Options options) {
        String text = Character.toString(c);
        return new Parsed(text(text, options), text);
    }

    private Parsed place(PatternTree.Place place, Options options) {
        if (repeats(options)) {
            throw source.wrong("a place cannot be repeated");
        }
        return new Parsed(place);
    }

    private Parsed escaped(Options options) {
        int before = source.place();
        int c = source.next();
        return switch (c) {
            case 'A' -> place(PatternTree.Place.TEXT_START, options);
            case 'z' -> place(PatternTree.Place.TEXT_END, options);
            case 'Z' -> place(PatternTree.Place.TEXT_END_OR_LINE_FEED, options);
            case 'G' -> place(PatternTree.Place.SEARCH_START, options);
            case 'b' -> place(PatternTree.Place.WORD_EDGE, options);
            case 'B' -> place(PatternTree.Place.NO_WORD_EDGE, options);
            case 'X' -> new Parsed(new PatternTree.Cluster());
            case 'R' -> new Parsed(lineBreak());
            case 'N' -> new Parsed(new PatternTree.One(NO_LINE_FEED));
            case 'O' -> new Parsed(new PatternTree.One(CharacterSet.all()));
            default -> {
                source.back(before);
                OnigurumaSet.Escape escape = sets.escape();
                if (!escape.isCharacter()) {
                    yield new Parsed(new PatternTree.One(escape.members()));
                }
                Parsed letter = letter(escape.character(), options);
                // What is written as a byte does not join its neighbours: (?i)s\x73 is not ß.
                yield c == 'x' && options.anyCase ? new Parsed(letter.tree) : letter;
            }
        };
    }

    private static PatternTree lineBreak() {
        return new PatternTree.Atomic(
                new PatternTree.Either(
                        List.of(
                                text("\r\n", new Options(false, false, false)),
                                new PatternTree.One(
                                        CharacterSet.of(
                                                0xA, 0xB, 0xC, 0xD, 0x85, 0x2028, 0x2029)))));
    }

    private PatternTree set(Options options) {
        boolean negated = source.skip("^");
        CharacterSet members = sets.inBrackets();
        if (options.anyCase) {
            return AnyCase.of(members, negated);
        }
        return new PatternTree.One(negated ? members.negated() : members);
    }

    private Parsed group(Options options) {
        if (!source.skip("?")) {
            return new Parsed(closed(options).tree);
        }
        if (source.skip(":")) {
            return closed(options);
        }
        if (source.skip(">")) {
            return new Parsed(new PatternTree.Atomic(closed(options).tree));
        }
        for (String look : new String[] {"=", "!", "<=", "<!"}) {
            if (source.skip(look)) {
                return new Parsed(
                        new PatternTree.Look(
                                closed(options).tree, !look.startsWith("<"), look.endsWith("!")));
            }
        }
        if (source.skip("<")) {
            if (!source.until(">").matches("[A-Za-z][A-Za-z0-9_]*")) {
                throw source.wrong("a group whose name is not of letters and digits");
            }
            return new Parsed(closed(options).tree);
        }
        int place = source.place();
        Options inner = options(options);
        if (inner == null || !source.skip(":")) {
            source.back(place);
            throw source.wrong("this group is not known");
        }
        return new Parsed(closed(inner).tree);
    }

    private Parsed closed(Options options) {
        Parsed inner = either(options);
        source.expect(")");
        return inner;
    }

    private boolean repeats(Options options) {
        int place = source.place();
        while (passed(options)) {}
        boolean repeats =
                source.comes("*") || source.comes("+") || source.comes("?") || interval() != null;
        source.back(place);
        return repeats;
    }

    /// Reads what repeats a part, and what repeats that again.
    private PatternTree repeated(PatternTree part, Options options) {
        PatternTree tree = part;
        for (int repeats = 0; repeats <= MOST_REPEATS; repeats++) {
            while (passed(options)) {}
            int least = source.comes("+") ? 1 : 0;
            int most = source.comes("?") ? 1 : PatternTree.ENDLESS;
            if (source.skip("*") || source.skip("+") || source.skip("?")) {
                Mode mode =
                        source.skip("?")
                                ? Mode.LAZY
                                : source.skip("+") ? Mode.POSSESSIVE : Mode.GREEDY;
                tree = new PatternTree.Repeat(tree, least, most, mode);
                continue;
            }
            PatternTree.Repeat interval = interval(tree);
            if (interval == null) {
                return tree;
            }
            tree = interval;
        }
        throw source.wrong("its repetitions lie too deep");
    }

    private PatternTree.@Nullable Repeat interval(PatternTree part) {
        int[] bounds = interval();
        if (bounds == null) {
            return null;
        }
        int least = bounds[0];
        int most = bounds[1];
        if (least > most) {
            return new PatternTree.Repeat(part, most, least, Mode.POSSESSIVE);
        }
        boolean exact = bounds[2] != 0; // then a '?' behind it repeats again
        Mode mode = !exact && source.skip("?") ? Mode.LAZY : Mode.GREEDY;
        return new PatternTree.Repeat(part, least, most, mode);
    }

    /// Reads `{2}`, `{2,}`, `{,3}`, `{2,3}`: the bounds, and whether there is but one. Anything else is a brace like others.
    private int @Nullable [] interval() {
        int place = source.place();
        if (source.skip("{")) {
            String least = source.run("0123456789", 9);
            boolean comma = source.skip(",");
            String most = comma ? source.run("0123456789", 9) : least;
            if (source.skip("}") && !(least.isEmpty() && most.isEmpty())) {
                return new int[] {
                    least.isEmpty() ? 0 : number(least),
                    most.isEmpty() ? PatternTree.ENDLESS : number(most),
                    comma ? 0 : 1
                };
            }
        }
        source.back(place);
        return null;
    }

    private int number(String digits) {
        int number = Integer.parseInt(digits);
        if (number > MOST_REPETITIONS) {
            throw source.wrong("more than %d repetitions".formatted(MOST_REPETITIONS));
        }
        return number;
    }
}
