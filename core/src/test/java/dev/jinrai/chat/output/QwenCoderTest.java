package dev.jinrai.chat.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.chat.Tools;
import dev.jinrai.chat.output.Outputs.Given;
import dev.jinrai.json.JsonText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QwenCoderTest {
    private static final Given QWEN = Given.of("qwen-coder");

    @Test
    void readsElementsAsTypedArguments() {
        assertThat(
                        QWEN.parse(
                                """
                                <think>
                                Hm
                                </think>

                                I look.

                                <tool_call>
                                <function=get_weather>
                                <parameter=city>
                                Zürich "🌧"
                                \\ <b>
                                </parameter>
                                <parameter=days>
                                3
                                </parameter>
                                <parameter=other>
                                [1, {"a": true}]
                                </parameter>
                                <parameter=text>
                                no JSON
                                </parameter>
                                <parameter=flag>
                                True
                                </parameter>
                                </function>
                                </tool_call>\
                                """))
                .isEqualTo(
                        "R(Hm)C(I look.)T(get_weather#id1 {\"city\": \"Zürich \\\"🌧\\\"\\n\\\\"
                            + " <b>\", \"days\": 3, \"other\": [1, {\"a\": true}], \"text\": \"no"
                            + " JSON\", \"flag\": true})");
    }

    @Test
    void aStringStaysAStringWhateverItLooksLike() {
        assertThat(
                        QWEN.parse(
                                "<tool_call><function=get_weather><parameter=city>\n"
                                        + "5\n"
                                        + "</parameter><parameter=days>\n\n\n"
                                        + "</parameter></function></tool_call>"))
                .isEqualTo("T(get_weather#id1 {\"city\": \"5\", \"days\": \"\\n\"})");
        assertThat(
                        QWEN.parse(
                                "<tool_call><function=get_weather><parameter=city>\n</parameter>"
                                        + "</function></tool_call>"))
                .isEqualTo("T(get_weather#id1 {\"city\": \"\"})");
        assertThat(
                        QWEN.parse(
                                "<tool_call><function=get_weather><parameter=city>\n"
                                        + " a\n\n"
                                        + "</parameter></function></tool_call>"))
                .isEqualTo("T(get_weather#id1 {\"city\": \" a\\n\"})");
    }

    /// What `5`, `null` and `auto` are, a schema may say in many ways.
    @Test
    void aSchemaSaysWhatAValueIs() {
        Map<String, String> schemas = new LinkedHashMap<>();
        schemas.put("{'anyOf':[{'type':'string'},{'type':'null'}]}", "'5' null 'auto'");
        schemas.put("{'type':['string','null']}", "'5' null 'auto'");
        schemas.put("{'type':['integer','null']}", "5 null 'auto'");
        schemas.put("{'oneOf':[{'type':'integer'},{'const':'auto'}]}", "5 null 'auto'");
        schemas.put("{'enum':['5','auto']}", "'5' null 'auto'");
        schemas.put("{'enum':[5,'auto']}", "5 null 'auto'");
        schemas.put("{'type':'string','enum':['7','auto']}", "'5' 'None' 'auto'");
        schemas.put("{'type':'string','const':'7'}", "'5' 'None' 'auto'");
        schemas.put("{'type':['string','null'],'enum':['7',null]}", "'5' null 'auto'");
        schemas.put("{'type':'integer','enum':['5',6]}", "5 null 'auto'");
        schemas.put("{'type':['string','integer'],'enum':[5.0,'auto']}", "5 'None' 'auto'");
        schemas.put("{'type':['string','null'],'enum':['None']}", "'5' 'None' 'auto'");
        schemas.put("{'type':'string','anyOf':[{'enum':['7']}]}", "'5' 'None' 'auto'");
        schemas.put("{'$ref':'#/$defs/text'}", "'5' 'null' 'auto'");
        schemas.put("{'allOf':[{'$ref':'#/$defs/text'},{'minLength':1}]}", "'5' 'null' 'auto'");
        schemas.put("{'anyOf':[{'$ref':'#/$defs/loop'},{'$ref':'#/$defs/loop'}]}", "5 null 'auto'");
        schemas.put("{'description':'It.'}", "5 null 'auto'");
        schemas.forEach((schema, values) -> {
            String tool =
                    "{'name':'f','parameters':{'type':'object','properties':{'p':%s},'$defs':{'text':{'type':'string'},'loop':{'anyOf':[{'$ref':'#/$defs/loop'},{'$ref':'#/$defs/loop'}]}}}}"
                            .formatted(schema);
            Tools tools = Tools.of(List.of(JsonText.read(tool.replace('\'', '"'))));
            String[] wanted = values.replace('\'', '"').split(" ", -1);
            String[] said = {"5", "None", "auto"};
            said[1] = schema.contains("text") ? "null" : "None";
            for (int i = 0; i < said.length; i++) {
                assertThat(
                                QWEN.with(tools)
                                        .parse(
                                                "<tool_call><function=f><parameter=p>\n%s\n</parameter></function></tool_call>"
                                                        .formatted(said[i])))
                        .as(schema)
                        .isEqualTo("T(f#id1 {\"p\": %s})".formatted(wanted[i]));
            }
        });
    }

    @Test
    void readsSeveralCallsAndMissingOuterMarks() {
        assertThat(
                        QWEN.parse(
                                "<function=nothing>\n</function>\n</tool_call>\n<tool_call>\n"
                                        + "<function=nothing></function>\n<function=new></function>"
                                        + "</tool_call>bye"))
                .isEqualTo("T(nothing#id1 {})T(nothing#id2 {})T(new#id3 {})C(bye)");
        assertThat(QWEN.parse("<function=nothing></function> and"))
                .isEqualTo("T(nothing#id1 {})C(and)");
    }

    @Test
    void whatIsNoCallIsContent() {
        for (String text :
                new String[] {
                    "a <function=unknown></function>",
                    "<tool_call>{\"name\": \"add\"}</tool_call>",
                    "<tool_call><function=></function>",
                    "<function=noth",
                    "<function=a\nb>",
                }) {
            assertThat(QWEN.parse(text)).isEqualTo("C(" + text + ")");
        }
    }

    @Test
    void whatBreaksIsMalformed() {
        assertThat(QWEN.parse("<function=nothing>stray</function></tool_call>x"))
                .isEqualTo(
                        "T(nothing#id1 {|X <function=nothing>stray</function></tool_call>|text"
                                + " between its parameters)C(x)");
        assertThat(QWEN.parse("<function=add><parameter=a>1</parameter><parameter=a>2"))
                .isEqualTo(
                        "T(add#id1 {\"a\": 1|X"
                                + " <function=add><parameter=a>1</parameter><parameter=a>2|the"
                                + " parameter 'a' comes twice)");
        assertThat(QWEN.parse("<function=get_weather>\n<parameter=city>\nPar"))
                .isEqualTo(
                        "T(get_weather#id1 {\"city\": \"Par|X <function=get_weather>\n"
                                + "<parameter=city>\nPar|the answer ends inside it)");
    }

    @Test
    void seedOssHasOtherOuterMarks() {
        assertThat(
                        Given.of("seed-oss")
                                .parse(
                                        "<seed:think>a</seed:think>b<seed:tool_call>\n"
                                                + "<function=add>\n"
                                                + "<parameter=a>1</parameter>\n"
                                                + "</function>\n"
                                                + "</seed:tool_call>c"))
                .isEqualTo("R(a)C(b)T(add#id1 {\"a\": 1})C(c)");
    }
}
