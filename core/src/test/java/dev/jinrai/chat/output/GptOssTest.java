package dev.jinrai.chat.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.chat.output.Outputs.Given;
import org.junit.jupiter.api.Test;

class GptOssTest {
    private static final Given OSS =
            Given.of("gpt-oss").after("<|start|>user<|message|>Hi<|end|><|start|>assistant");

    @Test
    void readsReasoningAndTheFinalAnswer() {
        assertThat(
                        OSS.parse(
                                "<|channel|>analysis<|message|>The user\n"
                                    + "asks 🌧.<|end|><|start|>assistant<|channel|>final<|message|>Hello"
                                    + " <b>!"))
                .isEqualTo("R(The user\nasks 🌧.)C(Hello <b>!)");
        assertThat(OSS.parse("<|channel|>final<|message|>Hello")).isEqualTo("C(Hello)");
    }

    @Test
    void readsCallsWhereverTheRecipientStands() {
        assertThat(
                        OSS.parse(
                                "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary"
                                    + " to=functions.get_weather"
                                    + " <|constrain|>json<|message|>{\"city\": \"<|x|>\"}"))
                .isEqualTo("R(Hm.)T(get_weather#id1 {\"city\": \"<|x|>\"})");
        assertThat(
                        OSS.parse(
                                " to=functions.add<|channel|>commentary json<|message|>{\"a\":"
                                        + " 1}<|end|><|start|>assistant"
                                        + " to=functions.nothing<|channel|>commentary"
                                        + " json<|message|>{}"))
                .isEqualTo("T(add#id1 {\"a\": 1})T(nothing#id2 {})");
        assertThat(OSS.parse("<|channel|>commentary to=browser.search json<|message|>{\"q\": 1}"))
                .isEqualTo("T(browser.search#id1 {\"q\": 1})");
    }

    /// `<|call|>` ends the generation and is never printed: the end of the answer shows it.
    @Test
    void codeIsWholeIfTheModelEndedIt() {
        String head = "<|channel|>analysis to=python code<|message|>";
        assertThat(OSS.parse(head + "print(\"a\")\n"))
                .isEqualTo("T(python#id1 {\"code\": \"print(\\\"a\\\")\\n\"})");
        assertThat(OSS.truncated().parse(head + "print("))
                .isEqualTo(
                        "T(python#id1 {\"code\": \"print(|X "
                                + head
                                + "print(|the answer ends inside it)");
    }

    @Test
    void commentaryForNobodyIsContent() {
        assertThat(
                        OSS.parse(
                                "<|channel|>commentary<|message|>I"
                                        + " look.<|end|><|start|>assistant<|channel|>commentary"
                                        + " to=functions.nothing<|message|>{}"))
                .isEqualTo("C(I look.)T(nothing#id1 {})");
    }

    @Test
    void aPromptMayEndInsideAMessage() {
        assertThat(
                        Given.of("gpt-oss")
                                .after("<|start|>assistant<|channel|>analysis<|message|>")
                                .parse("Hm<|end|><|start|>assistant<|channel|>final<|message|>Hi"))
                .isEqualTo("R(Hm)C(Hi)");
        assertThat(Given.of("gpt-oss").after("no format").parse("Hi <|x|>"))
                .isEqualTo("C(Hi <|x|>)");
    }

    @Test
    void messagesAreKeptApart() {
        assertThat(
                        OSS.parse(
                                "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>analysis<|message|>b<|end|><|start|>assistant<|channel|>commentary<|message|>I"
                                    + " look.<|end|>"
                                    + "<|start|>assistant<|channel|>final<|message|>Sunny."))
                .isEqualTo("R(a\nb)C(I look.\nSunny.)");
    }

    @Test
    void whatIsNoHeaderIsContent() {
        for (String text :
                new String[] {
                    "Hello there",
                    "<b>Hello\nthere</b>",
                    "<|channel|>ana",
                    "<|channel|>nowhere<|message|>x",
                    "Hello <|message|> x",
                    "<|",
                }) {
            assertThat(OSS.parse(text)).isEqualTo("C(" + text + ")");
        }
        assertThat(OSS.parse("<|channel|>final<|message|>a<|end|> b")).isEqualTo("C(a b)");
        String foreign = "functions.add to=assistant<|channel|>commentary<|message|>5";
        assertThat(OSS.parse("<|channel|>final<|message|>a<|end|><|start|>" + foreign))
                .isEqualTo("C(a" + foreign + ")");
    }

    @Test
    void whatBreaksIsMalformed() {
        String head = "<|channel|>commentary to=functions.add <|constrain|>json<|message|>";
        assertThat(OSS.parse(head + "five<|end|><|start|>assistant<|channel|>final<|message|>x"))
                .isEqualTo("T(add#id1 |X " + head + "five|its arguments are not JSON)C(x)");
        assertThat(OSS.parse(head + "{\"a\": 1"))
                .isEqualTo(
                        "T(add#id1 {\"a\": 1|X " + head + "{\"a\": 1|the answer ends inside it)");
        assertThat(OSS.parse(head + "{\"a\": 1<|end|>"))
                .isEqualTo(
                        "T(add#id1 {\"a\": 1|X " + head + "{\"a\": 1|its arguments are not whole)");
        assertThat(OSS.parse(head + "{\"a\": 1} and more"))
                .isEqualTo("T(add#id1 {\"a\": 1})C(and more)");
    }
}
