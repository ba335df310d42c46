package dev.jinrai.tokenizer;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One step of a [PreTokenizer]: where a piece of a text is cut. Immutable.
sealed interface Cut {

    /// A cut at work on one text. Mutable.
    interface Cutter {
        /// Adds the ends of the parts of `text[from, to)`, in order; the last is `to`. What lies
        /// outside of the piece is not seen. Never called with nothing.
        void cut(int from, int to, IntList ends);
    }

    /// {@return the cut at work on a text}
    ///
    /// @param later whether the text has [LaterCharacters]
    Cutter on(String text, boolean later);

    /// A regular expression. `\s` is every white space of Unicode, `\p{…}` a general category without
    /// the [LaterCharacters]; other classes are written out.
    ///
    /// @param usual for texts without later characters, and faster
    /// @param exact for any text
    record Expression(Pattern usual, Pattern exact) {
        static Expression of(String regex) {
            return new Expression(compile(regex), compile(LaterCharacters.without(regex)));
        }

        private static Pattern compile(String regex) {
            return Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
        }

        Matcher matcher(String text, boolean later) {
            return (later ? exact : usual).matcher(text);
        }
    }

    /// Every match of a pattern is a part, and so is what lies between two matches.
    ///
    /// A pattern has to find all its matches in linear time and constant stack: repeat single
    /// characters, or groups possessively, and let no failed attempt read far unless the text it
    /// read is then used up.
    record Matches(Expression expression) implements Cut {
        static Matches of(String regex) {
            return new Matches(Expression.of(regex));
        }

        @Override
        public Cutter on(String text, boolean later) {
            Matcher matcher = expression.matcher(text, later);
            return (from, to, ends) -> {
                matcher.region(from, to);
                int end = from;
                while (end < to && matcher.find()) {
                    if (matcher.start() > end) {
                        ends.add(matcher.start());
                    }
                    end = matcher.end();
                    ends.add(end);
                }
                if (end < to) {
                    ends.add(to);
                }
            };
        }
    }

    /// Runs of digits fall into groups of three from the right, as in 1,234,567.
    ///
    /// @param run matches whole runs of digits
    /// @param edges where a run is cut from what stands beside it
    record Thousands(Expression run, Edges edges) implements Cut {
        enum Edges {
            /// Behind its last group; the first keeps what stands before it.
            END,
            /// Before a first group of three digits; a shorter one keeps what stands before it, and
            /// the last group what stands behind.
            FULL_START
        }

        static Thousands of(String run, Edges edges) {
            return new Thousands(Expression.of(run), edges);
        }

        @Override
        public Cutter on(String text, boolean later) {
            Matcher matcher = run.matcher(text, later);
            return (from, to, ends) -> {
                matcher.region(from, to);
                int last = from;
                while (matcher.find()) {
                    int i = matcher.start();
                    int digits = text.codePointCount(i, matcher.end());
                    for (int left = digits; left >= 0; left--) {
                        boolean edge =
                                (left == digits && edges == Edges.END)
                                        || (left == 0 && edges == Edges.FULL_START);
                        if (left % 3 == 0 && i > last && !edge) {
                            ends.add(i);
                            last = i;
                        }
                        if (left > 0) {
                            i += Character.charCount(text.codePointAt(i));
                        }
                    }
                }
                if (last < to) {
                    ends.add(to);
                }
            };
        }
    }
}
