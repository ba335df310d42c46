package dev.jinrai.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SingleCallsTest {
    @Test
    void resultsFollowTheCallsThatTheyName() {
        assertThat(of("a b c", "c a b")).isEqualTo("call a, a, call b, b, call c, c");
        assertThat(of("a b", "b")).isEqualTo("call a, call b, b");
    }

    @Test
    void resultsThatNameNoCallAreTakenInOrder() {
        assertThat(of("a b c", "- - -")).isEqualTo("call a, -, call b, -, call c, -");
        assertThat(of("a b c", "x y z")).isEqualTo("call a, x, call b, y, call c, z");
        assertThat(of("a b c", "x b y")).isEqualTo("call a, x, call b, b, call c, y");
        assertThat(of("a b", "x y z")).isEqualTo("call a, x, call b, y, z");
    }

    @Test
    void callsMayShareAnId() {
        assertThat(of("a a a", "a a a")).isEqualTo("call a, a, call a, a, call a, a");
        assertThat(of("a a b", "b a")).isEqualTo("call a, a, call a, call b, b");
    }

    /// An answer with calls of these ids, then results that name these; `-` for none.
    private static String of(String calls, String results) {
        List<Message> messages = new ArrayList<>();
        messages.add(
                Message.assistant(
                        "So",
                        "",
                        List.of(calls.split(" ", -1)).stream()
                                .map(id -> new ToolCall(id, "f", "{}"))
                                .toList()));
        for (String id : results.split(" ", -1)) {
            Optional<String> named = Optional.of(id).filter(one -> !one.equals("-"));
            messages.add(new Message(Message.TOOL, id, "", List.of(), named, Optional.empty()));
        }
        return SingleCalls.of(messages).stream()
                .map(message ->
                        message.toolCalls().isEmpty()
                                ? message.content()
                                : "call " + message.toolCalls().getFirst().id())
                .collect(Collectors.joining(", "));
    }
}
