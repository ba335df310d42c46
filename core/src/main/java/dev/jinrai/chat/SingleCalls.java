package dev.jinrai.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// A conversation for templates that have place for one call in an answer, as Llama 3.1's: each call of an answer becomes an answer of its
/// own, with its result behind it.
final class SingleCalls {
    private SingleCalls() {}

    /// {@return whether an answer has several calls}
    static boolean areNeeded(List<Message> messages) {
        return messages.stream().anyMatch(message -> message.toolCalls().size() > 1);
    }

    /// {@return the same with one call in each answer}
    static List<Message> of(List<Message> messages) {
        List<Message> single = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            Message message = messages.get(i);
            if (message.toolCalls().size() < 2) {
                single.add(message);
                continue;
            }
            List<Message> results = new ArrayList<>();
            while (i + 1 < messages.size() && messages.get(i + 1).role().equals(Message.TOOL)) {
                results.add(messages.get(++i));
            }
            List<ToolCall> calls = message.toolCalls();
            List<Optional<Message>> answers = answers(calls, results);
            String content = message.content();
            String reasoning = message.reasoning();
            for (int c = 0; c < calls.size(); c++) {
                single.add(Message.assistant(content, reasoning, List.of(calls.get(c))));
                content = "";
                reasoning = "";
                answers.get(c).ifPresent(single::add);
            }
            single.addAll(results); // of no call that there is: the template's affair
        }
        return single;
    }

    /// {@return of each call its result} A result belongs to the first call of its id that has none yet; those that name no call are
    /// given in order to the calls that are left.
    ///
    /// @param results those that are given are taken out
    private static List<Optional<Message>> answers(List<ToolCall> calls, List<Message> results) {
        List<Optional<Message>> answers = new ArrayList<>();
        for (ToolCall call : calls) {
            answers.add(take(results, result -> names(result, call)));
        }
        for (int c = 0; c < calls.size(); c++) {
            if (answers.get(c).isEmpty()) {
                answers.set(
                        c,
                        take(
                                results,
                                result -> calls.stream().noneMatch(call -> names(result, call))));
            }
        }
        return answers;
    }

    private static boolean names(Message result, ToolCall call) {
        return result.toolCallId().filter(call.id()::equals).isPresent();
    }

    /// {@return the first of these, which is taken out}
    private static Optional<Message> take(List<Message> results, Predicate<Message> which) {
        Optional<Message> found = results.stream().filter(which).findFirst();
        found.ifPresent(results::remove); // an equal one before it would have been found
        return found;
    }
}
