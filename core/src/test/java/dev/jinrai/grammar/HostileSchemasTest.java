package dev.jinrai.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Schemas that took long, that were too large, or that were taken for what they are not.
@Timeout(10)
class HostileSchemasTest {
    private static Texts texts(String schema) {
        return new Texts(Grammar.ofJsonSchema(schema.replace('\'', '"')));
    }

    @Test
    void namesMayBeLong() {
        String name = "a".repeat(5_000);
        var texts = texts("{'properties':{'%s':{}},'additionalProperties':true}".formatted(name));
        assertThat(texts.accepts("{\"%s\":1}".formatted(name + "a"))).isTrue();
        assertThat(texts.accepts("{\"%s\":1}".formatted(name.substring(1)))).isTrue();
        assertThat(texts.accepts("{\"%1$s\":1,\"%1$s\":2}".formatted(name))).isFalse();
        assertThatThrownBy(() ->
                        texts(
                                "{'properties':{'%s':{}},'additionalProperties':true}"
                                        .formatted("a".repeat(20_001))))
                .hasMessage(
                        "#: 'properties' have names of 20001 characters, more than 20000, beside"
                                + " others");
    }

    @Test
    void classesListsAndNumeralsMayBeLong() {
        String many =
                IntStream.range(0, 50_000)
                        .mapToObj(i -> Character.toString(0x10000 + 2 * i))
                        .collect(Collectors.joining());
        assertThat(texts("{'pattern':'^[%s]$'}".formatted(many)).accepts("\"\uD800\uDC02\""))
                .isTrue();
        assertThatThrownBy(() -> texts("{'minimum':1%s}".formatted("0".repeat(900_000))))
                .hasMessage("#: 'minimum': a number of 900001 characters, more than 400");
        assertThat(texts("{'oneOf':[%s]}".formatted(list("{'const':%d}", 10_000))).accepts("9999"))
                .isTrue();
        assertThatThrownBy(() ->
                        texts("{'oneOf':[%s]}".formatted(list("{'required':['a%d']}", 10_000))))
                .hasMessageContaining("'oneOf' of more than 500 alternatives");
        String parts = list("{'$ref':'#/$defs/a'},{'$ref':'#/$defs/b'}", 8_000);
        String properties = list("'p%d':{}", 8_000);
        var all =
                texts(
                        "{'$defs':{'a':{'properties':{%s}},'b':{'required':['q']}},'allOf':[%s]}"
                                .formatted(properties, parts));
        assertThat(all.accepts("{\"p0\":1}")).isFalse();
        assertThatThrownBy(() -> texts("{'allOf':[%s]}".formatted(list("{'minimum':%d}", 2_000))))
                .hasMessage("#: 'allOf' of more than 1000 schemas");
    }

    private static String list(String element, int count) {
        return IntStream.range(0, count)
                .mapToObj(element::formatted)
                .collect(Collectors.joining(","));
    }

    /// `Aa` and `BB` have one hash, so that all of these texts have.
    @Test
    void constantsMayShareAHash() {
        String many =
                IntStream.range(0, 1 << 14)
                        .mapToObj(i ->
                                "'"
                                        + IntStream.range(0, 14)
                                                .mapToObj(k -> (i >> k & 1) == 0 ? "Aa" : "BB")
                                                .collect(Collectors.joining())
                                        + "'")
                        .collect(Collectors.joining(","));
        var texts = texts("{'enum':[%s]}".formatted(many));
        assertThat(texts.accepts("\"" + "AaBB".repeat(7) + "\"")).isTrue();
        assertThat(texts.accepts("\"" + "AaBA".repeat(7) + "\"")).isFalse();
    }

    /// A reader of doubles takes 9007199254740991.01 for the bound itself.
    @Test
    void boundsThatDoublesCannotTellAreRefused() {
        for (String schema :
                List.of(
                        "{'type':'number','exclusiveMinimum':9007199254740991,'maximum':9007199254740993}",
                        "{'type':'number','exclusiveMinimum':0.1,'maximum':0.10000000000000001}")) {
            assertThatThrownBy(() -> texts(schema))
                    .hasMessageContaining("more than 15 digits before and behind the point");
        }
        var near = texts("{'type':'number','exclusiveMinimum':12345678901234}");
        assertThat(near.accepts("12345678901234.1")).isTrue();
        assertThat(near.accepts("12345678901234.01")).isFalse();
        assertThat(near.accepts("12345678901234.0")).isFalse();
        var exact = texts("{'type':'number','exclusiveMinimum':123456789012345}");
        assertThat(exact.accepts("123456789012346.5")).isTrue();
        assertThat(exact.accepts("123456789012345.0000000000000001")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{'oneOf':[{'const':[1]},{'const':[1.0]}]}; 'oneOf' cannot be enforced",
                "{'oneOf':[{'enum':[{'a':1}]},{'enum':[{'a':1.0}]}]}; 'oneOf' cannot be enforced",
                "{'oneOf':[{'const':0.1},{'const':0.10000000000000000001}]}; 'oneOf' cannot be",
                "{'$defs':{'a':{'$id':'https://x.org/a'}},'$ref':'#/$defs/a'}; #/$defs/a: '$id'"
                        + " below the root",
                "{'type':'foo','enum':[1]}; there is no type 'foo'",
                "{'type':'array','minItems':999999999,'items':{'type':'string','minLength':999999999}};"
                    + " #: its shortest text is longer than 10^15 bytes",
                "{'type':3}; 'type' is a text or a list of texts",
                "{'anyOf':[{'$ref':'#'},{'type':'string'}]}; #: it refers to itself without end,"
                        + " which",
            })
    void whatCannotBeEnforcedIsNamed(String schema, String message) {
        assertThatThrownBy(() -> texts(schema))
                .isInstanceOf(GrammarException.class)
                .hasMessageContaining(message);
    }

    @Test
    void whatLooksLikeThatIsTaken() {
        assertThat(texts("{'$id':'x','properties':{'$id':{'const':1}}}").accepts("{\"$id\":1}"))
                .isTrue();
        assertThat(texts("{'oneOf':[{'const':[1]},{'const':[2]}]}").accepts("[2]")).isTrue();
        assertThat(
                        texts("{'type':'null','x-order':3,'discriminator':{'propertyName':'a'}}")
                                .accepts("null"))
                .isTrue();
    }

    @Test
    void integersGoBeyondLargeBounds() {
        var above = texts("{'type':'integer','minimum':100000000000000000}");
        assertThat(above.accepts("100000000000000000")).isTrue();
        assertThat(above.accepts("100000000000000017")).isTrue();
        assertThat(above.accepts("99999999999999999")).isFalse();
        var below = texts("{'type':'integer','exclusiveMaximum':-99999999999999999}");
        assertThat(below.accepts("-100000000000000000")).isTrue();
        assertThat(below.accepts("-99999999999999999")).isFalse();
    }

    @Test
    void yearsBeginAtOne() {
        var date = texts("{'format':'date'}");
        assertThat(date.accepts("\"0000-01-01\"")).isFalse();
        assertThat(date.accepts("\"0000-02-29\"")).isFalse();
        assertThat(date.accepts("\"0001-01-01\"")).isTrue();
        assertThat(date.accepts("\"0004-02-29\"")).isTrue();
        assertThat(date.accepts("\"2000-02-29\"")).isTrue();
        assertThat(date.accepts("\"1900-02-29\"")).isFalse();
    }
}
