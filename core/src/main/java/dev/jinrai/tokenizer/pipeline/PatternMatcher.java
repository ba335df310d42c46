package dev.jinrai.tokenizer.pipeline;

import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Looks for a [PatternProgram]'s matches in one text. Mutable.
///
/// Where there are two ways it takes the first and notes the other; what fails goes back to the last note. Notes are kept in
/// an array, not on the Java stack. A pattern from a stranger may take exponential time: characters are read and steps taken
/// only so often, and no more notes are kept than some for each character.
///
/// Text is without unpaired surrogates.
final class PatternMatcher {
    private static final long STEPS_PER_CHARACTER = 500;
    private static final long STEPS = 1 << 20;
    private static final long NUMBERS_PER_CHARACTER = 24; // of notes
    private static final long NUMBERS = 1 << 20;

    private static final int FIRST_NUMBERS = 48;
    private static final int NONE = -1;
    private static final CharacterSet WORD = Oniguruma.word();
    private static final Pattern CLUSTER = Pattern.compile("\\X");

    // The third number of a note: what to do beside going back to a step and a place.
    private static final int NOTHING = -1;
    private static final int LATER_IN_RUN = -2; // and below: a lazy run, by how much it has

    private final String source;
    private final PatternProgram program;
    private final int[] steps;
    private final String text;
    private final int length;
    private final int[] marks; // where loops that may take nothing began
    private int[] notes = {};
    private int noted;
    private int search; // where it began
    private int end;
    private long left;

    /// @param source for messages
    PatternMatcher(String source, PatternProgram program, String text) {
        this.source = source;
        this.program = program;
        this.text = text;
        steps = program.steps();
        length = text.length();
        marks = new int[program.slots()];
        left = STEPS + STEPS_PER_CHARACTER * length;
    }

    /// {@return where the next match begins, −1 if there is none; [#end] is behind it}
    ///
    /// @throws PatternException if that takes too much
    int find(int from) {
        search = from;
        CharacterSet first = program.first();
        CharacterSet run = program.run();
        for (int at = from; at <= length; at++) {
            if (at < length) {
                if (first != null && !first.contains(text.codePointAt(at))) {
                    at += Character.isHighSurrogate(text.charAt(at)) ? 1 : 0;
                    continue;
                }
            } else if (first != null) {
                return NONE;
            }
            noted = 0;
            end = match(0, at);
            if (end != NONE) {
                return at;
            }
            if (run != null) {
                at = Math.max(behind(run, at) - 1, at);
            } else if (at < length && Character.isHighSurrogate(text.charAt(at))) {
                at++;
            }
        }
        return NONE;
    }

    int end() {
        return end;
    }

    private int behind(CharacterSet run, int from) {
        int at = from;
        while (at < length) {
            int c = text.codePointAt(at);
            if (!run.contains(c)) {
                break;
            }
            at += Character.charCount(c);
        }
        return at;
    }

    /// {@return the end of the match of a part of the program, −1 if there is none}
    private int match(int from, int start) {
        return match(from, start, NONE);
    }

    /// @param wanted where the match has to end, −1 for anywhere
    private int match(int from, int start, int wanted) {
        int bottom = noted;
        int step = from;
        int at = start;
        while (true) {
            if (--left < 0) {
                throw new PatternException(source, "time", length);
            }
            boolean fails = false;
            switch (steps[step]) {
                case PatternProgram.MATCH -> {
                    if (wanted == NONE || at == wanted) {
                        forget(bottom);
                        return at;
                    }
                    fails = true;
                }
                case PatternProgram.ONE -> {
                    int next = one(program.set(steps[step + 1]), at);
                    fails = next == NONE;
                    at = next;
                    step += 2;
                }
                case PatternProgram.RUN -> {
                    at = run(step, at);
                    fails = at == NONE;
                    step += 5;
                }
                case PatternProgram.SPLIT -> {
                    note(steps[step + 1], at, NOTHING);
                    step += 2;
                }
                case PatternProgram.SPLIT_LATER -> {
                    note(step + 2, at, NOTHING);
                    step = steps[step + 1];
                }
                case PatternProgram.EITHER -> {
                    int c = at < length ? text.codePointAt(at) : NONE;
                    if (c == NONE || !program.set(steps[step + 1]).contains(c)) {
                        step = steps[step + 3];
                    } else {
                        int others = steps[step + 2];
                        if (others < 0 || program.set(others).contains(c)) {
                            note(steps[step + 3], at, NOTHING);
                        }
                        step += 4;
                    }
                }
                case PatternProgram.JUMP -> step = steps[step + 1];
                case PatternProgram.PLACE -> {
                    fails = !isAt(PatternProgram.place(steps[step + 1]), at);
                    step += 2;
                }
                case PatternProgram.AHEAD -> {
                    boolean there = match(step + 3, at) != NONE;
                    fails = there == (steps[step + 1] != 0);
                    step = steps[step + 2];
                }
                case PatternProgram.BEHIND -> {
                    fails = endsHere(step, at) == (steps[step + 1] != 0);
                    step = steps[step + 4];
                }
                case PatternProgram.ATOMIC -> {
                    at = match(step + 2, at);
                    fails = at == NONE;
                    step = steps[step + 1];
                }
                case PatternProgram.MARK -> {
                    int slot = steps[step + 1];
                    note(~slot, marks[slot], NOTHING);
                    marks[slot] = at;
                    step += 2;
                }
                case PatternProgram.CHECK ->
                        step = marks[steps[step + 1]] == at ? steps[step + 2] : step + 3;
                case PatternProgram.CLUSTER -> {
                    Matcher cluster = CLUSTER.matcher(text).region(at, length);
                    fails = !cluster.lookingAt();
                    int end = fails ? at : cluster.end();
                    left -= end - at;
                    at = end;
                    step++;
                }
                default -> throw new IllegalStateException();
            }
            if (!fails) {
                continue;
            }
            boolean found = false;
            while (noted > bottom && !found) {
                noted -= 3;
                step = notes[noted];
                at = notes[noted + 1];
                int more = notes[noted + 2];
                if (step < 0) {
                    marks[~step] = at;
                } else if (more >= 0) { // a greedy run gives one back
                    at -= isPair(at - 2, at) ? 2 : 1;
                    if (at > more) {
                        note(step, at, more);
                    }
                    found = true;
                } else if (more <= LATER_IN_RUN) {
                    at = oneMore(step, at, LATER_IN_RUN - more);
                    step += 5;
                    found = at != NONE;
                } else {
                    found = true;
                }
            }
            if (!found) {
                return NONE;
            }
        }
    }

    /// Forgets the ways that a part has left, and puts its marks back.
    private void forget(int bottom) {
        while (noted > bottom) {
            noted -= 3;
            if (notes[noted] < 0) {
                marks[~notes[noted]] = notes[noted + 1];
            }
        }
    }

    private boolean isPair(int from, int to) {
        return from >= 0
                && Character.isHighSurrogate(text.charAt(from))
                && Character.isLowSurrogate(text.charAt(to - 1));
    }

    private int one(CharacterSet set, int at) {
        if (at == length) {
            return NONE;
        }
        char c = text.charAt(at);
        if (!Character.isHighSurrogate(c) || at + 1 == length) {
            return set.contains(c) ? at + 1 : NONE;
        }
        return set.contains(text.codePointAt(at)) ? at + 2 : NONE;
    }

    private int run(int step, int start) {
        CharacterSet set = program.set(steps[step + 1]);
        int least = steps[step + 2];
        int most = steps[step + 3];
        PatternTree.Mode mode = PatternProgram.mode(steps[step + 4]);
        int wanted = mode == PatternTree.Mode.LAZY ? least : most;
        int at = start;
        int floor = start; // behind as many as it has to have
        int count = 0;
        while (count < wanted) {
            int next = one(set, at);
            if (next == NONE) {
                break;
            }
            at = next;
            if (++count == least) {
                floor = at;
            }
        }
        left -= count;
        if (count < least) {
            return NONE;
        }
        if (mode == PatternTree.Mode.LAZY) {
            if (count < most) {
                note(step, at, LATER_IN_RUN - count);
            }
        } else if (mode == PatternTree.Mode.GREEDY && at > floor) {
            note(step + 5, at, floor);
        }
        return at;
    }

    /// A lazy run takes one more.
    private int oneMore(int step, int from, int count) {
        int at = one(program.set(steps[step + 1]), from);
        if (at != NONE && count + 1 < steps[step + 3]) {
            note(step, at, LATER_IN_RUN - count - 1);
        }
        return at;
    }

    private boolean endsHere(int step, int at) {
        int shortest = steps[step + 2];
        int longest = steps[step + 3];
        int start = at;
        for (int count = 0; count <= longest; count++) {
            if (count >= shortest && match(step + 5, start, at) != NONE) {
                return true;
            }
            if (start == 0) {
                return false;
            }
            start -= isPair(start - 2, start) ? 2 : 1;
            left--;
        }
        return false;
    }

    private boolean isAt(PatternTree.Place place, int at) {
        return switch (place) {
            case LINE_START -> at == 0 || (text.charAt(at - 1) == '\n' && at < length);
            case LINE_END -> at == length || text.charAt(at) == '\n';
            case TEXT_START -> at == 0;
            case TEXT_END -> at == length;
            case TEXT_END_OR_LINE_FEED ->
                    at == length || (at == length - 1 && text.charAt(at) == '\n');
            case SEARCH_START -> at == search;
            case WORD_EDGE -> isWordEdge(at);
            case NO_WORD_EDGE -> !isWordEdge(at);
        };
    }

    private boolean isWordEdge(int at) {
        boolean before = at > 0 && WORD.contains(text.codePointBefore(at));
        boolean after = at < length && WORD.contains(text.codePointAt(at));
        return before != after;
    }

    private void note(int step, int at, int more) {
        if (noted + 3 > notes.length) {
            if (notes.length > NUMBERS + NUMBERS_PER_CHARACTER * length) {
                throw new PatternException(source, "memory", length);
            }
            notes = Arrays.copyOf(notes, Math.max(FIRST_NUMBERS, 2 * notes.length));
        }
        notes[noted++] = step;
        notes[noted++] = at;
        notes[noted++] = more;
    }
}
