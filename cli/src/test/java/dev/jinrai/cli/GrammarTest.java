package dev.jinrai.cli;

import static dev.jinrai.cli.Jinrai.jinrai;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.cli.Jinrai.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `--grammar` and `--json-schema`.
class GrammarTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir Path folder;

    private String file(String text) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "file", ".txt"), text).toString();
    }

    @Test
    void answersFollowTheGrammarAndEndWithIt() throws IOException {
        String grammar = file("root ::= \" a \" [a-z]{3} \".\" # one word\n");
        Result result =
                jinrai("run", "-p", "Once there was", "--grammar", grammar, "--seed", "1", "--json")
                        .run();
        assertThat(result.code()).as(result.err()).isZero();
        JsonNode answer = JSON.readTree(result.out());
        assertThat(answer.get("text").asString()).matches(" a [a-z]{3}\\.");
        assertThat(answer.get("finish_reason").asString()).isEqualTo("stop");
    }

    @Test
    void answersAreJsonAlsoWhereTheLimitEndsThem() throws IOException {
        String schema =
                file(
                        "{\"type\":\"object\",\"properties\":{\"tale\":{\"type\":\"string\"}},\"required\":[\"tale\"]}");
        Result result =
                jinrai("chat", "--json-schema", schema, "-n", "20", "--seed", "3")
                        .input("Hello")
                        .run();
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(JSON.readTree(result.out()).get("tale").isString()).isTrue();
    }

    /// What the options ask for, without a process of its own.
    private static void read(String... options) {
        var arguments = new GrammarArguments();
        new CommandLine(arguments).parseArgs(options);
        arguments.read();
    }

    @Test
    void whatCannotBeReadIsNamed() throws IOException {
        String grammar = file("root ::= \"a\"\n   b\n");
        assertThatThrownBy(() -> read("--grammar", grammar))
                .isInstanceOf(CommandException.class)
                .hasMessage(
                        grammar
                                + ": line 2, column 5: wanted '::=' behind the name of a rule, got"
                                + " the end");
        String schema = file("{\"type\":\"integer\",\"multipleOf\":2}");
        assertThatThrownBy(() -> read("--json-schema", schema))
                .isInstanceOf(CommandException.class)
                .hasMessage(schema + ": #: the keyword 'multipleOf' cannot be enforced");
        assertThatThrownBy(() -> read("--json-schema", schema, "--grammar", schema))
                .isInstanceOf(UsageException.class)
                .hasMessage("--grammar and --json-schema exclude each other");
        assertThatThrownBy(() -> read("--grammar", folder.resolve("none").toString()))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("none: cannot be read");
    }
}
