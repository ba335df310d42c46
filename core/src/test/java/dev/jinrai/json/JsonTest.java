package dev.jinrai.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

final class JsonTest {

    @Test
    void readsEveryKindOfValue() {
        JsonNode node =
                Json.parse(" {\"a\": [1, -2.5e+3, true, false, null], \"b\": {}, \"c\": []} ");
        assertThat(node.members().keySet()).containsExactly("a", "b", "c");
        assertThat(node.get("a").items().get(0).whole(0, 1)).isEqualTo(1);
        assertThat(node.get("a").items().get(1).real()).isEqualTo(-2500);
        assertThat(node.get("a").items().get(2).flag()).isTrue();
        assertThat(node.get("a").items().get(3).flag()).isFalse();
        assertThat(node.get("a").items().get(4).isNull()).isTrue();
        assertThat(node.get("b").members()).isEmpty();
        assertThat(node.get("c").items()).isEmpty();
        assertThat(node.find("d")).isEmpty();
        assertThat(node.flag("d", true)).isTrue();
        assertThat(node.text("d", "none")).isEqualTo("none");
    }

    @Test
    void readsEveryEscape() {
        assertThat(Json.parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\uD83D\\ude00é\"").text())
                .isEqualTo("\"\\/\b\f\n\r\tA😀é");
    }

    @Test
    void keepsNumbersAsTheyAreWritten() {
        assertThat(Json.parse("123456789012345678901234567890").value())
                .isEqualTo(new JsonValue.Numeral("123456789012345678901234567890"));
        assertThat(((JsonValue.Numeral) Json.parse("1.10").value()).exact()).isEqualTo("1.10");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | line 1, column 1: wanted a value, got the end",
                "{\"a\":1,} | line 1, column 8: wanted a key, got '}'",
                "[1 2] | line 1, column 4: wanted ',' or ']', got '2'",
                "[1,2 | line 1, column 5: wanted ',' or ']', got the end",
                "{\"a\" 1} | line 1, column 6: wanted ':', got '1'",
                "{\"a\":1,\"a\":2} | line 1, column 8: key 'a' stands twice",
                "tru | line 1, column 1: wanted a value, got 't'",
                "01 | line 1, column 2: wanted the end, got '1'",
                "1. | line 1, column 3: wanted a digit, got the end",
                "- | line 1, column 2: wanted a digit, got the end",
                "+1 | line 1, column 1: wanted a value, got '+'",
                "1e | line 1, column 3: wanted a digit, got the end",
                "NaN | line 1, column 1: wanted a value, got 'N'",
                "\"a | line 1, column 3: wanted '\"' at the end of a string, got the end",
                "\"\\x\" | line 1, column 2: this escape is none of JSON",
                "\"\\u12g4\" | line 1, column 6: wanted a hexadecimal digit, got 'g'",
                "\"\\ud800\" | line 1, column 2: an escaped surrogate without its partner",
                "\"\\ude00\" | line 1, column 2: an escaped surrogate without its partner",
                "\"\\ud800\\u0041\" | line 1, column 2: an escaped surrogate without its partner",
                "1 x | line 1, column 3: wanted the end, got 'x'",
            })
    void saysWhereADocumentIsWrong(String text, String message) {
        assertThatThrownBy(() -> Json.parse(text))
                .isInstanceOf(JsonException.class)
                .hasMessage(message);
    }

    @Test
    void countsLines() {
        assertThatThrownBy(() -> Json.parse("[1,\n\n  x]"))
                .hasMessage("line 3, column 3: wanted a value, got 'x'");
        assertThatThrownBy(() -> Json.parse("\"\n\""))
                .hasMessage("line 1, column 2: wanted an escape in a string, got U+000A");
    }

    @Test
    void namesThePlaceOfAWrongValue() {
        JsonNode node = Json.parse("{\"model\":{\"merges\":[[\"a\",1]]}}");
        JsonNode merge = node.get("model").get("merges").items().get(0);
        assertThatThrownBy(() -> merge.items().get(1).text())
                .hasMessage("model.merges[0][1]: wanted a string, got a number");
        assertThatThrownBy(() -> merge.get("x"))
                .hasMessage("model.merges[0]: wanted an object, got an array");
        assertThatThrownBy(() -> node.get("x")).hasMessage("has no key 'x'");
        assertThatThrownBy(() -> Json.parse("1.5").whole(0, 9))
                .hasMessage("wanted a whole number of 0 to 9, got 1.5");
        assertThatThrownBy(() -> Json.parse("1e400").whole(0, 9))
                .hasMessage("wanted a whole number of 0 to 9, got 1e400");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":"})
    void refusesWhatLiesTooDeep(String open) {
        assertThatThrownBy(() -> Json.parse(open.repeat(1_000_000)))
                .hasMessageEndingWith("lies in more than 128 arrays and objects");
        assertThat(Json.parse("[".repeat(128) + "]".repeat(128)).items()).hasSize(1);
    }

    @Test
    void readsFilesOfUtf8(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("a.json"), new byte[] {'"', (byte) 0xFF, '"'});
        assertThatThrownBy(() -> Json.read(file)).hasMessage(file + ": byte 1 is not UTF-8");
        Path none = folder.resolve("b.json");
        assertThatThrownBy(() -> Json.read(none)).hasMessage(none + ": no such file");
        Path good = Files.writeString(folder.resolve("c.json"), "{\"é\": \"漢\"}");
        assertThat(Json.read(good).get("é").text()).isEqualTo("漢");
    }

    /// Jackson reads the same of random documents, and refuses each of their beginnings as we do.
    @Test
    void agreesWithJacksonOnRandomDocuments() {
        SplittableRandom random = new SplittableRandom(5);
        JsonMapper jackson = new JsonMapper();
        for (int i = 0; i < 500; i++) {
            String text = random(random, 4);
            assertThat(write(Json.parse(text).value()))
                    .isEqualTo(jackson.writeValueAsString(jackson.readTree(text)));
            if (text.startsWith("[") || text.startsWith("{")) {
                String cut = text.substring(0, random.nextInt(text.length()));
                assertThatThrownBy(() -> Json.parse(cut)).isInstanceOf(JsonException.class);
            }
        }
    }

    private static String random(SplittableRandom random, int depth) {
        StringBuilder out = new StringBuilder();
        int n = random.nextInt(4);
        switch (random.nextInt(depth > 0 ? 6 : 4)) {
            case 0 -> out.append(random.nextInt(-9, 99));
            case 1 -> out.append(random.nextBoolean());
            case 2 -> out.append("null");
            case 3 -> out.append("\"é\\u00e9\\n😀 \\\"").append(n).append('"');
            case 4 -> {
                out.append('[');
                for (int i = 0; i < n; i++) {
                    out.append(i > 0 ? " ,\n" : "").append(random(random, depth - 1));
                }
                out.append(']');
            }
            default -> {
                out.append('{');
                for (int i = 0; i < n; i++) {
                    out.append(i > 0 ? "," : "").append("\"k").append(i).append("\" : ");
                    out.append(random(random, depth - 1));
                }
                out.append('}');
            }
        }
        return out.toString();
    }

    private static String write(JsonValue value) {
        return switch (value) {
            case JsonValue.Members m ->
                    m.values().entrySet().stream()
                            .map(e -> "\"" + e.getKey() + "\":" + write(e.getValue()))
                            .collect(java.util.stream.Collectors.joining(",", "{", "}"));
            case JsonValue.Items i ->
                    i.values().stream()
                            .map(JsonTest::write)
                            .collect(java.util.stream.Collectors.joining(",", "[", "]"));
            case JsonValue.Text t ->
                    "\"" + t.value().replace("\"", "\\\"").replace("\n", "\\n") + "\"";
            case JsonValue.Numeral n -> n.literal();
            case JsonValue.Flag f -> String.valueOf(f.value());
            case JsonValue.Null _ -> "null";
        };
    }
}
