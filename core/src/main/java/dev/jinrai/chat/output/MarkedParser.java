package dev.jinrai.chat.output;

import dev.jinrai.json.JsonScanner;
import java.util.ArrayList;
import java.util.List;

/// The frame of the families that write marks into running text: reasoning in front, then content
/// with calls in it. A subclass reads the calls.
///
/// Reasoning is recognised in front of the answer only, and calls not inside it: a model that talks
/// about `<think>` does not think.
abstract class MarkedParser implements OutputParser {
    private enum Place {
        /// Where content stands, and any mark may come.
        OPEN,
        REASONING,
        CALL,
        /// In a call that broke after it had begun, up to where the next thing begins.
        BROKEN
    }

    final Setup setup;
    private final Events events;
    private final Prose content;
    private final Prose reasoning;
    private final List<String> openings;
    private final MarkFinder inOpen;
    private final MarkFinder inReasoning;
    private final MarkFinder inBroken;

    private Place place = Place.OPEN;

    /// Whether there was nothing but white space, reasoning and, where [#bare] starts calls, calls.
    private boolean atStart = true;

    /// Whether the reasoning was only white space so far.
    private boolean fresh = true;

    /// The text of the call, from its mark on, or from where the one before it was complete.
    private final StringBuilder raw = new StringBuilder();

    private boolean begun;
    private int calls;
    private String reason = "";

    /// @param openings the marks at which a call begins
    /// @param closings the marks at which a broken call ends
    MarkedParser(Setup setup, List<String> openings, List<String> closings) {
        this.setup = setup;
        this.openings = openings;
        events = new Events(setup.ids());
        content = new Prose(events::content);
        reasoning = new Prose(events::reasoning);
        List<String> open = new ArrayList<>(openings);
        setup.thinking().ifPresent(marks -> open.add(marks.open()));
        inOpen = new MarkFinder(open);
        inReasoning =
                setup.thinking()
                        .map(marks -> new MarkFinder(marks.close(), marks.open()))
                        .orElse(new MarkFinder());
        List<String> ends = new ArrayList<>(openings);
        ends.addAll(closings);
        inBroken = new MarkFinder(ends);
        if (setup.thinks()) {
            think();
        }
    }

    /// A mark that opens a call was found.
    abstract void opened(String mark);

    /// Reads the next character of a call.
    abstract void call(char c);

    /// The answer ends inside a call; it may still prove to be one.
    ///
    /// @param ended whether the model ended it
    void callEnds(boolean ended) {}

    /// {@return whether this first character of the answer, or the first after a call, begins a call
    /// without a mark}; it is read as the call's next
    boolean bare(char c) {
        return false;
    }

    /// {@return whether the character only separates two calls without marks}
    boolean separates(char c) {
        return false;
    }

    // What subclasses say about the call they read.

    final void begin(String id, String name) {
        content.mark();
        events.begin(id, name);
        begun = true;
    }

    final void argument(char c) {
        events.arguments(c);
    }

    final void arguments(CharSequence json) {
        events.arguments(json);
    }

    final void complete() {
        events.complete(raw);
        calls++;
        begun = false;
        raw.setLength(0);
    }

    /// The last mark around the call was read: content goes on.
    final void leave() {
        content.mark();
        raw.setLength(0);
        place = Place.OPEN;
    }

    /// The last character does not belong to a call: it is read again as what follows.
    final void fail(String why) {
        char last = raw.charAt(raw.length() - 1);
        raw.setLength(raw.length() - 1);
        if (begun) {
            reason = why;
            place = Place.BROKEN;
        } else {
            place = Place.OPEN;
            atStart = false;
            content.add(raw);
            raw.setLength(0);
        }
        read(last);
    }

    /// What was read since the last call is around it, and no call: it is content, and read again
    /// as such.
    final void over() {
        String rest = raw.toString();
        leave();
        for (int i = 0; i < rest.length(); i++) {
            read(rest.charAt(i));
        }
    }

    /// What was read since the last call is around it.
    final void consumed() {
        raw.setLength(0);
    }

    /// {@return the call's text so far}
    final String text() {
        return raw.toString();
    }

    @Override
    public final List<OutputEvent> append(String text) {
        for (int i = 0; i < text.length(); i++) {
            read(text.charAt(i));
        }
        return events.take(false);
    }

    @Override
    public final List<OutputEvent> finish(boolean ended) {
        switch (place) {
            case OPEN -> inOpen.flush(this::open);
            case REASONING -> inReasoning.flush(reasoning);
            case CALL -> callEnds(ended);
            case BROKEN -> inBroken.flush(raw::append);
        }
        // What waited may have been the beginning of a call.
        if (place == Place.BROKEN) {
            malformed();
        } else if (place == Place.CALL && begun) {
            reason = "the answer ends inside it";
            malformed();
        } else if (place == Place.CALL) {
            content.add(raw);
        }
        reasoning.flush();
        content.flush();
        return events.take(true);
    }

    private void read(char c) {
        switch (place) {
            case OPEN -> inOpen.accept(c, this::open).ifPresent(this::mark);
            case REASONING -> inReasoning.accept(c, this::thought).ifPresent(this::thinkingMark);
            case CALL -> {
                raw.append(c);
                call(c);
            }
            case BROKEN -> inBroken.accept(c, raw::append).ifPresent(this::afterBroken);
        }
    }

    private void open(char c) {
        if (atStart && !JsonScanner.isSpace(c)) {
            if (calls > 0 && separates(c)) {
                return;
            }
            if (bare(c)) {
                place = Place.CALL;
                read(c);
                return;
            }
            atStart = false;
        }
        content.add(c);
    }

    private void mark(String mark) {
        if (openings.contains(mark)) {
            place = Place.CALL;
            raw.setLength(0);
            raw.append(mark);
            opened(mark);
        } else if (atStart) {
            think();
        } else {
            content.add(mark);
        }
    }

    private void think() {
        place = Place.REASONING;
        fresh = true;
        content.mark();
        reasoning.mark();
    }

    private void thought(char c) {
        fresh &= JsonScanner.isSpace(c);
        reasoning.add(c);
    }

    private void thinkingMark(String mark) {
        if (setup.thinking().filter(marks -> marks.close().equals(mark)).isPresent()) {
            reasoning.mark();
            content.mark();
            place = Place.OPEN;
        } else if (!fresh) { // a model may repeat the mark that the prompt ends with
            reasoning.add(mark);
        }
    }

    private void afterBroken(String mark) {
        if (openings.contains(mark)) {
            malformed();
            mark(mark);
        } else {
            raw.append(mark);
            malformed();
        }
    }

    private void malformed() {
        events.malformed(text(), reason);
        calls++;
        begun = false;
        leave();
    }
}
