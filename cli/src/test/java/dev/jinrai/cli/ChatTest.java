package dev.jinrai.cli;

import static dev.jinrai.cli.Jinrai.jinrai;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jinrai.cli.Jinrai.Result;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ChatTest {
    private static final String[] TALK = {"chat", "-i", "-b", "scalar", "--temperature", "0"};

    @Test
    void answersAPromptOnStandardInputAndExits() {
        Result result =
                jinrai("--temperature", "0").input("What is the capital of France?\n").run();

        assertThat(result.out()).isEqualTo("The capital of France is Paris.\n");
        assertThat(result.errLines()).singleElement().asString().startsWith("prompt 19 tok ");
        assertThat(result.code()).isZero();
    }

    @Test
    void answersAsJson() {
        Captured result =
                Captured.run(
                        Map.of(),
                        "What is 2 + 3?",
                        false,
                        "--json",
                        "--temperature",
                        "0",
                        "-b",
                        "scalar");

        var answer = JsonMapper.shared().readTree(result.out());
        assertThat(answer.get("text").asString()).isEqualTo("2 + 3 = 5");
        assertThat(answer.get("finish_reason").asString()).isEqualTo("stop");
    }

    @Test
    void remembersWhatWasSaid() {
        Captured result = talk("My name is Bob.\nWhat is my name?\n");

        assertThat(result.out()).isEqualTo("Nice to meet you, Bob!\nYour name is Bob.\n");
        assertThat(result.code()).isZero();
    }

    @Test
    void aSecondTurnComputesOnlyWhatIsNew() {
        Captured result = talk("My name is Bob.\nWhat is my name?\n/stats\n");

        // The answer's tokens are there already; what is new is its end and the question.
        assertThat(result.err())
                .containsPattern("\\[prompt 1[79] tok .*\n(.*\n)?.*\\[prompt (1\\d|2\\d) tok");
        assertThat(result.err()).containsPattern("context +\\d\\d of 1024 tokens\nturns +2\n");
    }

    @Test
    void takesTurnsBackAndForgets() {
        Captured result =
                talk(
                        "My name is Bob.\n"
                                + "/regen\n"
                                + "/undo\n"
                                + "/undo\n"
                                + "/regen\n"
                                + "What is my name?\n"
                                + "/clear\n"
                                + "/system\n");

        assertThat(result.out().lines().toList())
                .startsWith("Nice to meet you, Bob!", "Nice to meet you, Bob!")
                .hasSize(3)
                .last()
                .asString()
                .doesNotContain("Bob");
        assertThat(result.err())
                .contains(
                        "[taken back: My name is Bob.]\n",
                        "[there is nothing to take back]\n",
                        "[nothing was answered yet]\n",
                        "[the conversation is forgotten]\n",
                        "[no system prompt]\n");
    }

    @Test
    void regeneratesWithAnotherSeed() {
        Captured result =
                Captured.run(
                        Map.of(),
                        "Tell me a story.\n/regen\n",
                        false,
                        "-i",
                        "-b",
                        "scalar",
                        "--seed",
                        "5",
                        "-n",
                        "12",
                        "--temperature",
                        "2");

        assertThat(result.out().lines().distinct()).hasSize(2);
    }

    @Test
    void switchesTheTemplateOffAndOn() {
        Captured result =
                talk(
                        "/template\nOnce upon a time\n/clear\n/t\nWhat is the capital of France?\n",
                        "-n",
                        "8");

        String story =
                Captured.run(
                                "run",
                                "-p",
                                "Once upon a time",
                                "-b",
                                "scalar",
                                "--temperature",
                                "0",
                                "-n",
                                "8")
                        .out();
        assertThat(result.out()).isEqualTo(story + "The capital of France is Paris.\n");
        assertThat(result.err()).contains("raw> ", "You> ");
        assertThat(talk("/stats\n", "--chat-template", "none").err())
                .contains("raw> ")
                .doesNotContain("You> ");
    }

    @Test
    void joinsContinuedAndQuotedLines() {
        String question = "What is the capital of France?";
        String plain = talk(question + "\n").out();

        assertThat(talk("\"\"\"" + question + "\"\"\"\n").out()).isEqualTo(plain);
        assertThat(talk("\"\"\"\n" + question + "\n\"\"\"\n").out()).isEqualTo(plain);
        assertThat(talk("What is the capital\\\nof France?\n").out())
                .isEqualTo(
                        Captured.run(
                                        Map.of(),
                                        "What is the capital\nof France?",
                                        false,
                                        "-b",
                                        "scalar",
                                        "--temperature",
                                        "0")
                                .out());
    }

    @Test
    void saysWhatItDoesNotKnowAndLeavesWhenTold() {
        Captured result = talk("/frob it\n/help\n/q\nWhat is 2 + 3?\n");

        assertThat(result.err())
                .contains("[no command /frob; /help lists them]\n", "/exit /quit /q");
        assertThat(result.out()).isEmpty();
        assertThat(result.code()).isZero();
    }

    @Test
    void aFullContextIsAnExplainedChoice() {
        Captured result =
                talk("My name is Bob.\nWhat is my name?\n/clear\nWhat is 2 + 3?\n", "-c", "34");

        assertThat(result.out()).isEqualTo("Nice to meet you, Bob!\n2 + 3 = 5\n");
        assertThat(result.err())
                .containsPattern(
                        "\\[the conversation needs \\d+ tokens and the context holds 34: /undo"
                            + " takes the last turn back, /clear forgets all, --context sets the"
                            + " length\\]");
    }

    @Test
    void holdsAConversationAtATerminal() throws IOException {
        assumeTrue(
                Files.exists(Path.of("/proc")) && Files.isExecutable(Path.of("/usr/bin/script")),
                "needs the script(1) of util-linux, which makes a terminal");
        try (var terminal =
                new Terminal(
                        "chat",
                        "-b",
                        "scalar",
                        "--temperature",
                        "0",
                        "--ignore-eos",
                        "-n",
                        "900")) {
            terminal.await("You> ");
            terminal.type("Tell me a story about a dog.\n");
            terminal.await("Assistant> .{20}");
            terminal.type("\u0003"); // stops the answer
            terminal.await("\\[stopped\\]\\s+\\[prompt .*\\]\\s+You> ");
            terminal.type("half a quest\u0003"); // forgets the line
            terminal.await("\\[Ctrl-C again or Ctrl-D leaves\\]\\s+You> ");
            terminal.type("/stats\n");
            terminal.await("turns +1\\s"); // the conversation was kept
            terminal.type("\u0004"); // leaves
            assertThat(terminal.exitCode()).isZero();
        }
    }

    private static Captured talk(String input, String... more) {
        String[] arguments =
                Stream.concat(Arrays.stream(TALK), Arrays.stream(more)).toArray(String[]::new);
        return Captured.run(Map.of(), input, false, arguments);
    }

    /// The program at a pseudo-terminal.
    private static final class Terminal implements AutoCloseable {
        private final Process process;
        private final InputStream screen;
        private final OutputStream keys;
        private final StringBuilder seen = new StringBuilder();

        Terminal(String... arguments) throws IOException {
            // No argument has a space. Without exec a shell stands between: dash hears the Ctrl-C
            // too
            // and reports it as its own end when the program ends. Interrupts are ignored where
            // these
            // tests run in the background of a script, and a process inherits that.
            String command =
                    "exec env --default-signal=INT "
                            + String.join(" ", jinrai(arguments).command());
            process =
                    new ProcessBuilder("script", "-qefc", command, "/dev/null")
                            .redirectErrorStream(true)
                            .start();
            screen = process.getInputStream();
            keys = process.getOutputStream();
        }

        void type(String text) throws IOException {
            seen.setLength(0);
            keys.write(text.getBytes(UTF_8));
            keys.flush();
        }

        /// Waits until the screen shows something since the last key.
        void await(String pattern) throws IOException {
            var shown = Pattern.compile(pattern, Pattern.DOTALL);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            byte[] chunk = new byte[4096];
            while (!shown.matcher(seen).find()) {
                assertThat(System.nanoTime())
                        .as("waited for %s, saw %s", pattern, seen)
                        .isLessThan(end);
                if (screen.available() > 0) {
                    seen.append(new String(chunk, 0, screen.read(chunk), UTF_8));
                } else {
                    LockSupport.parkNanos(10_000_000);
                }
            }
        }

        int exitCode() {
            return Jinrai.exitCode(process);
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
