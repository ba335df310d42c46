package dev.jinrai.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.json.Json;
import dev.jinrai.testing.SchemaCheck;
import dev.jinrai.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Schemas become grammars of texts that satisfy them.
class JsonSchemaTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    /// Schemas in which `'` stands for `"`, texts that they accept, texts that they refuse.
    static Stream<Arguments> schemas() {
        return Stream.of(
                of(
                        "{}",
                        List.of(
                                "1",
                                "-0.5e+3",
                                "''",
                                "[]",
                                "{}",
                                "[1, {'a':null}]",
                                "true",
                                "'\\u00e9\\n'"),
                        List.of(
                                "",
                                "01",
                                "tru",
                                "[1,]",
                                "'\n'",
                                "'\\ud83d'",
                                "1e999",
                                "{a:1}",
                                "nul",
                                " 1")),
                of("true", List.of("{'a' : [ ] }"), List.of("x")),
                of("{'type':'boolean'}", List.of("true", "false"), List.of("null", "'true'")),
                of("{'type':'null'}", List.of("null"), List.of("0")),
                of(
                        "{'type':['null','integer']}",
                        List.of("null", "12", "-3", "0"),
                        List.of("1.5", "--1", "true")),
                of(
                        "{'enum':[1,5,9.5,'a','abc',null],'minimum':2,'maxLength':2}",
                        List.of("5", "9.5", "'a'", "null"),
                        List.of("1", "'abc'")),
                of(
                        "{'type':'object','properties':{'a':{'type':'null'}},'unevaluatedProperties':false}",
                        List.of("{}", "{'a':null}"),
                        List.of("{'b':1}")),
                of(
                        "{'$ref':'#/$defs/x','unevaluatedProperties':false,'properties':{'b':{'type':'null'}},"
                            + "'$defs':{'x':{'type':'object','properties':{'a':{'type':'null'}}}}}",
                        List.of("{'a':null,'b':null}", "{}"),
                        List.of("{'c':1}")),
                of(
                        "{'type':'array','prefixItems':[{'type':'null'}],'unevaluatedItems':false}",
                        List.of("[]", "[null]"),
                        List.of("[null,1]", "[1]")),
                of(
                        "{'type':'number'}",
                        List.of("0", "-1.25", "3e10", "1.5E-7"),
                        List.of("1.", ".5", "1e", "'1'")),
                of(
                        "{'enum':['a',1,null,{'b':[true]}]}",
                        List.of("'a'", "1", "null", "{'b':[true]}"),
                        List.of("'b'", "2")),
                of("{'type':'string','enum':['a',1]}", List.of("'a'"), List.of("1")),
                of("{'const':'x\\n\\'y'}", List.of("'x\\n\\'y'"), List.of("'x'")),
                of(
                        "{'type':'string','minLength':2,'maxLength':3}",
                        List.of("'ab'", "'日😀é'", "'a\\n'"),
                        List.of("'a'", "'abcd'")),
                of(
                        "{'type':'integer','minimum':-12,'maximum':105}",
                        List.of("-12", "-1", "0", "9", "10", "99", "100", "105"),
                        List.of("-13", "106", "007", "-0", "110")),
                of(
                        "{'type':'integer','exclusiveMinimum':7}",
                        List.of("8", "10", "123456"),
                        List.of("7", "0", "-1")),
                of(
                        "{'type':'integer','maximum':-5}",
                        List.of("-5", "-99"),
                        List.of("-4", "0", "5")),
                of(
                        "{'type':'number','minimum':0,'maximum':1}",
                        List.of("0", "0.5", "1", "1.0", "0.001"),
                        List.of("1.01", "-0.1", "2")),
                of(
                        "{'type':'number','minimum':-1.5,'exclusiveMaximum':0.25}",
                        List.of("-1.5000", "-0.7000", "0.2400"),
                        List.of("0.2500", "0.3", "-1.6000")),
                of(
                        "{'type':'array','items':{'type':'boolean'},'minItems':1,'maxItems':2}",
                        List.of("[true]", "[ true, false ]"),
                        List.of("[]", "[1]", "[true,true,true]")),
                of(
                        "{'prefixItems':[{'const':1},{'const':2}],'items':false}",
                        List.of("[]", "[1]", "[1,2]"),
                        List.of("[2]", "[1,2,3]")),
                of(
                        "{'prefixItems':[{'const':1}],'minItems':2,'maxItems':3,'items':{'const':5}}",
                        List.of("[1,5]", "[1,5,5]"),
                        List.of("[1]", "[1,5,5,5]")),
                of("{'type':'array','maxItems':0}", List.of("[]"), List.of("[1]")),
                of(
                        "{'type':'object','properties':{'a':{'const':1},'b':{'const':2},'c':{'const':3}},'required':['b']}",
                        List.of(
                                "{'b':2}",
                                "{'a':1,'b':2}",
                                "{ 'b' : 2 , 'c' : 3 }",
                                "{'a':1,'b':2,'c':3}"),
                        List.of(
                                "{}",
                                "{'a':1}",
                                "{'b':2,'a':1}",
                                "{'b':2,'d':4}",
                                "{'b':2,}",
                                "{,'b':2}")),
                of(
                        "{'properties':{'a':{'const':1}}}",
                        List.of("{}", "{'a':1}"),
                        List.of("{'a':2}", "[]")),
                of(
                        "{'type':'object','properties':{'a':{'const':1},'ab':{'const':2}},'additionalProperties':{'const':0}}",
                        List.of(
                                "{}",
                                "{'b':0}",
                                "{'a':1,'abc':0}",
                                "{'ab':2,'':0,'ac':0}",
                                "{'a':1,'ab':2,'c':0}"),
                        List.of(
                                "{'a':0}",
                                "{'ab':0}",
                                "{'b':1}",
                                "{'\\u0061':0}",
                                "{'b':0,'a':1}")),
                of(
                        "{'type':'object','additionalProperties':false}",
                        List.of("{}"),
                        List.of("{'a':1}")),
                of("{'type':'object','required':['x']}", List.of("{'x':[1]}"), List.of("{}")),
                of(
                        "{'anyOf':[{'type':'integer'},{'const':'a'}]}",
                        List.of("1", "'a'"),
                        List.of("'b'")),
                of(
                        "{'oneOf':[{'type':'integer'},{'type':'string','maxLength':1}]}",
                        List.of("1", "'a'"),
                        List.of("'ab'")),
                of(
                        "{'allOf':[{'type':'object','properties':{'a':{'type':'integer'}},'required':['a']},"
                            + "{'properties':{'a':{'minimum':5,'type':'number'},'b':{}}}]}",
                        List.of("{'a':5}", "{'a':7,'b':'x'}"),
                        List.of("{'a':4}", "{'b':1}", "{'a':5.5}")),
                of(
                        "{'$ref':'#/$defs/tree','$defs':{'tree':{'type':'object','properties':{'v':{'type':'integer'},"
                            + "'kids':{'type':'array','items':{'$ref':'#/$defs/tree'}}},'required':['v']}}}",
                        List.of("{'v':1}", "{'v':1,'kids':[{'v':2,'kids':[]},{'v':3}]}"),
                        List.of("{'kids':[]}", "{'v':1,'kids':[1]}")),
                of(
                        "{'anyOf':[{'type':'null'},{'type':'array','items':{'$ref':'#'}}]}",
                        List.of("null", "[null,[[]]]"),
                        List.of("[1]")),
                of(
                        "{'type':'string','pattern':'^[a-c]+x?$'}",
                        List.of("'ab'", "'cx'"),
                        List.of("''", "'d'", "'xx'")),
                of(
                        "{'type':'string','pattern':'b\\\\d{2}|^q'}",
                        List.of("'ab12c'", "'b00'", "'q'", "'qx'"), List.of("'b1'", "'aq'")),
                of(
                        "{'type':'string','pattern':'^(a|\\\\.|\\\\\\\\|[^\\\\w])*$'}",
                        List.of("'a.'", "'\\\\'", "'-\\''"),
                        List.of("'b'")),
                of(
                        "{'type':'string','format':'date'}",
                        List.of("'2024-02-29'", "'2000-02-29'", "'1999-12-31'"),
                        List.of(
                                "'2023-02-29'",
                                "'1900-02-29'",
                                "'2023-04-31'",
                                "'2023-13-01'",
                                "'2023-00-10'")),
                of(
                        "{'type':'string','format':'date-time'}",
                        List.of("'2024-02-29T23:59:59Z'", "'2024-01-01T00:00:00.123+05:30'"),
                        List.of("'2024-01-01'", "'2024-01-01T24:00:00Z'")),
                of("{'type':'string','format':'time'}", List.of("'12:34:56Z'"), List.of("'12:34'")),
                of(
                        "{'type':'string','format':'uuid'}",
                        List.of("'123e4567-e89b-12d3-a456-426614174000'"),
                        List.of("'123e4567'")),
                of(
                        "{'title':'t','description':'d','default':1,'examples':[1],'$schema':'s','$id':'i','type':'integer'}",
                        List.of("1"),
                        List.of("'a'")));
    }

    private static Arguments of(String schema, List<String> accepted, List<String> refused) {
        return Arguments.of(quoted(schema), quoted(accepted), quoted(refused));
    }

    private static String quoted(String text) {
        return text.replace('\'', '"');
    }

    private static List<String> quoted(List<String> texts) {
        return texts.stream().map(JsonSchemaTest::quoted).toList();
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void textsAreAcceptedThatSatisfyTheSchema(
            String schema, List<String> accepted, List<String> refused) {
        Grammar grammar = Grammar.ofJsonSchema(schema);
        for (Texts texts :
                List.of(new Texts(grammar), new Texts(Grammar.parse(grammar.toString())))) {
            assertThat(texts.refused(accepted)).isEmpty();
            assertThat(texts.refused(refused)).isEqualTo(refused);
        }
        accepted.forEach(text -> assertThat(SchemaCheck.satisfies(text, schema)).as(text).isTrue());
    }

    /// Tokens at random: whatever a model says.
    @ParameterizedTest
    @MethodSource("schemas")
    void whateverIsChosenSatisfiesTheSchema(
            String schema, List<String> accepted, List<String> refused) {
        long seed = schema.hashCode();
        var random = new Random(seed);
        Tokenizer tokenizer =
                TestVocabulary.of(
                        true,
                        List.of("\"a\"", "{\"", "\":", "true", "}}", "0000", ", ", "\\u0", "日"));
        Constraint constraint = Constraint.of(Grammar.ofJsonSchema(schema), tokenizer);
        for (int n = 0; n < 20; n++) {
            try (Guide guide = constraint.guide(80)) {
                var bytes = new ByteArrayOutputStream();
                for (int count = 0; count < 80 && !guide.isFinished(); count++) {
                    TokenSet permitted = guide.permitted();
                    List<Integer> ids = new ArrayList<>();
                    for (int id = 0; id < tokenizer.vocabulary().size(); id++) {
                        if (permitted.has(id)) {
                            ids.add(id);
                        }
                    }
                    int id = ids.get(random.nextInt(ids.size()));
                    guide.accept(id);
                    bytes.writeBytes(tokenizer.piece(id, false));
                }
                assertThat(guide.isComplete()).isTrue();
                String text = bytes.toString(StandardCharsets.UTF_8);
                assertThat(SchemaCheck.satisfies(text, schema))
                        .as("seed %d: %s", seed, text)
                        .isTrue();
            }
        }
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                wrong("{", "line 1, column 2: wanted a key, got the end"),
                wrong(
                        "{'type':'string',\n 'type':'null'}",
                        "line 2, column 2: key 'type' stands twice"),
                wrong("[1,2", "line 1, column 5: wanted ',' or ']', got the end"),
                wrong("{} x", "line 1, column 4: wanted the end, got 'x'"),
                wrong("[]", "#: a schema is an object or a boolean"),
                wrong("false", "#: no JSON text satisfies it"),
                wrong("{'type':'text'}", "#: there is no type 'text'"),
                wrong(
                        "{'type':'integer','multipleOf':3}",
                        "#: the keyword 'multipleOf' cannot be enforced"),
                wrong(
                        "{'properties':{'a':{'items':{'uniqueItems':true}}}}",
                        "#/properties/a/items: the keyword 'uniqueItems' cannot be enforced"),
                wrong(
                        "{'patternProperties':{}}",
                        "#: the keyword 'patternProperties' cannot be enforced"),
                wrong("{'not':{}}", "#: the keyword 'not' cannot be enforced"),
                wrong(
                        "{'type':'string','format':'email'}",
                        "#: the format 'email' cannot be enforced (known: date, time, date-time,"
                                + " uuid)"),
                wrong(
                        "{'type':'string','pattern':'(?=a)'}",
                        "#: 'pattern' at character 2: '(?' begins what is not regular, or a name;"
                                + " it cannot be enforced"),
                wrong(
                        "{'type':'string','pattern':'\\\\bx'}",
                        "#: 'pattern' at character 2: '\\b' cannot be enforced"),
                wrong(
                        "{'type':'string','pattern':'a','maxLength':3}",
                        "#: 'pattern', 'format' and lengths beside each other cannot be enforced"),
                wrong(
                        "{'oneOf':[{'type':'integer'},{'type':'number'}]}",
                        "#: 'oneOf' cannot be enforced: a value may satisfy alternatives 0 and 1;"
                                + " 'anyOf' takes it"),
                wrong(
                        "{'$ref':'other.json'}",
                        "#: '$ref': only places in the same document can be named, such as"
                                + " #/$defs/x; got 'other.json'"),
                wrong("{'$ref':'#/$defs/x'}", "#: '$ref': there is no '#/$defs/x' in the document"),
                wrong(
                        "{'$ref':'#'}",
                        "#: it refers to itself without end, which cannot be enforced"),
                wrong(
                        "{'type':'object','properties':{'a':{'$ref':'#'}},'required':['a']}",
                        "#/properties/a: it refers to itself without end, which cannot be"
                                + " enforced"),
                wrong("{'type':'integer','minimum':5,'maximum':4}", "#: no JSON text satisfies it"),
                wrong(
                        "{'enum':['a'],'pattern':'b'}",
                        "#: 'pattern' beside 'enum' or 'const' cannot be enforced"),
                wrong("{'enum':[1],'minimum':2}", "#: no JSON text satisfies it"),
                wrong(
                        "{'allOf':[{'properties':{'a':{}}},{'properties':{'b':{}},'unevaluatedProperties':false}]}",
                        "#: 'unevaluatedProperties' and 'unevaluatedItems' inside of a schema that"
                                + " other keywords stand beside cannot be enforced"),
                wrong(
                        "{'allOf':[{'items':{'const':1}},{'prefixItems':[{}]}]}",
                        "#: 'items' beside another schema's 'prefixItems' cannot be enforced"),
                wrong(
                        "{'allOf':[{'additionalProperties':false},{'properties':{'a':{}}}]}",
                        "#: 'additionalProperties' beside another schema's 'properties' cannot be"
                                + " enforced"),
                wrong("{'minLength':'x'}", "#: 'minLength' is a number"),
                wrong("{'minLength':-1}", "#: 'minLength': wanted 0 to 999999999, got -1"),
                wrong("{'minimum':1e400}", "#: a bound of more than 20 digits"),
                wrong(
                        "[".repeat(3000),
                        "line 1, column 129: lies in more than 128 arrays and objects"));
    }

    private static Arguments wrong(String schema, String message) {
        return Arguments.of(quoted(schema), message);
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void whatCannotBeEnforcedIsNamed(String schema, String message) {
        assertThatThrownBy(() -> Grammar.ofJsonSchema(schema))
                .isInstanceOf(GrammarException.class)
                .hasMessage(message);
    }

    @Test
    void everyIntegerBetweenTwoBoundsIsAcceptedAndNoOther() {
        var random = new Random(31);
        for (int n = 0; n < 60; n++) {
            int low = random.nextInt(-1_500, 1_500);
            int high = low + random.nextInt(1_200);
            var texts =
                    new Texts(
                            Grammar.ofJsonSchema(
                                    quoted(
                                            "{'type':'integer','minimum':%d,'maximum':%d}"
                                                    .formatted(low, high))));
            for (int i = -2_000; i < 3_000; i++) {
                assertThat(texts.accepts("" + i))
                        .as("%d of %d to %d", i, low, high)
                        .isEqualTo(low <= i && i <= high);
            }
        }
    }

    @Test
    void constantsAreWrittenAsOtherReadersReadThem() {
        for (String text :
                List.of(
                        "{\"a\":[1,-2.5e3,true,null,\"\\u0041\\n\\/\"],\"b\":{}}",
                        " [ ] ",
                        "\"日\"")) {
            JsonNode theirs = JSON.readTree(text);
            assertThat(JSON.readTree(JsonText.of(Json.parse(text).value()))).isEqualTo(theirs);
        }
    }
}
