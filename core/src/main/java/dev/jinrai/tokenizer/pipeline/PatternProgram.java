package dev.jinrai.tokenizer.pipeline;

import dev.jinrai.tokenizer.pipeline.PatternTree.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A regular expression as steps, which [PatternMatcher] takes. Immutable.
///
/// ```
/// [a-z]+(?:ab|c)*       RUN [a-z], 1 to endless, greedy
///                    4: SPLIT, later 16
///                       EITHER [a] or [c], later 13
///                       ONE [a]
///                       ONE [b]
///                       JUMP 14
///                   13: ONE [c]
///                   14: JUMP 4
///                   16: MATCH
/// ```
/// A step is a number, its operands are the numbers behind it.
///
/// Source: Thompson 1968, Pike's and Cox's virtual machines (Cox 2009, "Regular Expression Matching: the Virtual Machine
/// Approach"), the one that goes back.
final class PatternProgram {
    /// The text matches.
    static final int MATCH = 0;

    /// set: one character.
    static final int ONE = 1;

    /// set, least, most, mode: a run of characters.
    static final int RUN = 2;

    /// other: go on, later from there.
    static final int SPLIT = 3;

    /// other: go on there, later from here.
    static final int SPLIT_LATER = 4;

    /// set, set of the others or −1, other: like [#SPLIT], but only where a character that comes is in both.
    static final int EITHER = 5;

    /// there.
    static final int JUMP = 6;

    /// which place.
    static final int PLACE = 7;

    /// negated, behind it: what lies ahead.
    static final int AHEAD = 8;

    /// negated, shortest, longest, behind it: what lies behind.
    static final int BEHIND = 9;

    /// behind it: the first way alone.
    static final int ATOMIC = 10;

    /// slot: notes the place.
    static final int MARK = 11;

    /// slot, out: leaves a loop that has taken nothing since the mark.
    static final int CHECK = 12;

    /// A cluster of characters.
    static final int CLUSTER = 13;

    private static final int LONGEST = 1 << 17;
    private static final int MOST_WRITTEN = 4 * LONGEST;
    private static final int MOST_CLASSES = 1000;
    private static final List<Mode> MODES = List.of(Mode.values());
    private static final List<PatternTree.Place> PLACES = List.of(PatternTree.Place.values());

    private final List<CharacterSet> sets = new ArrayList<>();
    private final IdentityHashMap<CharacterSet, Integer> numbers = new IdentityHashMap<>();
    private final IdentityHashMap<PatternTree, Optional<CharacterSet>> firsts =
            new IdentityHashMap<>();
    private final IdentityHashMap<PatternTree, Integer> shortest = new IdentityHashMap<>();
    private final IdentityHashMap<PatternTree, Integer> longest = new IdentityHashMap<>();
    private int[] steps = new int[64];
    private int size;
    private int written; // parts, also those that are no step
    private int slots;
    private int classes; // sets that have some, and so tables

    private final CharacterSet[] setsByNumber;
    private final @Nullable CharacterSet first;
    private final @Nullable CharacterSet run;

    /// @throws IllegalArgumentException if it becomes too long
    PatternProgram(PatternTree tree) {
        write(tree);
        add(MATCH);
        setsByNumber = sets.toArray(CharacterSet[]::new);
        first = tree.first();
        run = run(tree);
    }

    /// What is repeated at the beginning of a pattern that has no alternatives, as in `\s+$`: what matches from within a run
    /// of it matches from the run's beginning too.
    private static @Nullable CharacterSet run(PatternTree tree) {
        return tree instanceof PatternTree.Row(List<PatternTree> parts)
                        && !parts.isEmpty()
                        && parts.getFirst() instanceof PatternTree.Repeat repeat
                        && repeat.part() instanceof PatternTree.One(CharacterSet set)
                        && repeat.least() == 1
                        && repeat.most() == PatternTree.ENDLESS
                ? set
                : null;
    }

    int[] steps() {
        return steps;
    }

    CharacterSet set(int number) {
        return setsByNumber[number];
    }

    static Mode mode(int number) {
        return MODES.get(number);
    }

    static PatternTree.Place place(int number) {
        return PLACES.get(number);
    }

    /// How many marks there are.
    int slots() {
        return slots;
    }

    /// What a match begins with, null if that is not known.
    @Nullable CharacterSet first() {
        return first;
    }

    /// {@return whether a character of the text is one that a match begins with}
    boolean mayBeIn(String text) {
        if (first == null) {
            return true;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (first.contains(Character.isHighSurrogate(c) ? text.codePointAt(i) : c)) {
                return true;
            }
        }
        return false;
    }

    /// A run of which only the beginning need be tried, null if there is none.
    @Nullable CharacterSet run() {
        return run;
    }

    private void write(PatternTree tree) {
        if (++written > MOST_WRITTEN) {
            throw tooLong();
        }
        switch (tree) {
            case PatternTree.One(CharacterSet set) -> add(ONE, number(set));
            case PatternTree.Row(List<PatternTree> parts) -> parts.forEach(this::write);
            case PatternTree.Either(List<PatternTree> parts) -> either(parts);
            case PatternTree.Repeat repeat -> repeat(repeat);
            case PatternTree.Atomic(PatternTree part) -> atomic(part);
            case PatternTree.Look look -> look(look);
            case PatternTree.Place place -> add(PLACE, PLACES.indexOf(place));
            case PatternTree.Cluster() -> add(CLUSTER);
        }
    }

    private void either(List<PatternTree> parts) {
        List<Integer> ends = new ArrayList<>();
        for (int i = 0; i < parts.size() - 1; i++) {
            CharacterSet own = first(parts.get(i));
            CharacterSet others =
                    i == parts.size() - 2 ? first(parts.getLast()) : null; // of many nobody asks
            int other;
            if (own == null) {
                other = add(SPLIT, 0);
            } else {
                other = add(EITHER, number(own), others == null ? -1 : number(others), 0);
            }
            write(parts.get(i));
            ends.add(add(JUMP, 0));
            steps[other] = size;
        }
        write(parts.getLast());
        ends.forEach(end -> steps[end] = size);
    }

    private @Nullable CharacterSet first(PatternTree tree) {
        return firsts.computeIfAbsent(tree, part -> Optional.ofNullable(part.first())).orElse(null);
    }

    private int shortest(PatternTree tree) {
        return shortest.computeIfAbsent(tree, PatternTree::shortest);
    }

    private int longest(PatternTree tree) {
        return longest.computeIfAbsent(tree, PatternTree::longest);
    }

    private void repeat(PatternTree.Repeat repeat) {
        PatternTree part = repeat.part();
        if (part instanceof PatternTree.One(CharacterSet set)) {
            add(RUN, number(set), repeat.least(), repeat.most(), MODES.indexOf(repeat.mode()));
            return;
        }
        if (repeat.mode() == Mode.POSSESSIVE) {
            atomic(new PatternTree.Repeat(part, repeat.least(), repeat.most(), Mode.GREEDY));
            return;
        }
        for (int i = 0; i < repeat.least(); i++) {
            write(part);
        }
        int split = repeat.mode() == Mode.LAZY ? SPLIT_LATER : SPLIT;
        if (repeat.most() == PatternTree.ENDLESS) {
            loop(part, split);
            return;
        }
        List<Integer> outs = new ArrayList<>();
        for (int i = repeat.least(); i < repeat.most(); i++) {
            outs.add(add(split, 0));
            write(part);
        }
        outs.forEach(out -> steps[out] = size);
    }

    private void loop(PatternTree part, int split) {
        boolean mayBeEmpty = shortest(part) == 0;
        int start = size;
        int out = add(split, 0);
        int slot = mayBeEmpty ? slots++ : 0;
        if (mayBeEmpty) {
            add(MARK, slot);
        }
        write(part);
        int left = mayBeEmpty ? add(CHECK, slot, 0) : out;
        add(JUMP, start);
        steps[left] = size;
        steps[out] = size;
    }

    private void atomic(PatternTree part) {
        int behind = add(ATOMIC, 0);
        write(part);
        add(MATCH);
        steps[behind] = size;
    }

    private void look(PatternTree.Look look) {
        int negated = look.negated() ? 1 : 0;
        int behind =
                look.ahead()
                        ? add(AHEAD, negated, 0)
                        : add(BEHIND, negated, shortest(look.part()), longest(look.part()), 0);
        write(look.part());
        add(MATCH);
        steps[behind] = size;
    }

    private int number(CharacterSet set) {
        return numbers.computeIfAbsent(
                set,
                one -> {
                    if (one.hasClasses() && ++classes > MOST_CLASSES) {
                        throw new IllegalArgumentException(
                                "it has more than %d sets with classes".formatted(MOST_CLASSES));
                    }
                    sets.add(one);
                    return sets.size() - 1;
                });
    }

    private static IllegalArgumentException tooLong() {
        return new IllegalArgumentException(
                "it becomes too long when its repetitions are written out");
    }

    /// {@return the place of the last number}
    private int add(int... numbers) {
        if (size + numbers.length > LONGEST) {
            throw tooLong();
        }
        if (size + numbers.length > steps.length) {
            steps = Arrays.copyOf(steps, 2 * steps.length);
        }
        for (int number : numbers) {
            steps[size++] = number;
        }
        return size - 1;
    }
}
