package dev.jinrai.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// GBNF as llama.cpp reads it.
class GbnfTest {
    static Stream<Arguments> grammars() {
        return Stream.of(
                of("root ::= \"a\"", List.of("a"), List.of("", "b", "aa")),
                of("root ::= \"\"", List.of(""), List.of("a")),
                of("root ::= \"a\" \"b\" | \"c\"", List.of("ab", "c"), List.of("a", "abc", "ac")),
                of("root ::= \"a\" | \"b\" |", List.of("a", "b", ""), List.of("ab")),
                of("root ::= \"a\"*", List.of("", "a", "aaaa"), List.of("b", "ab")),
                of("root ::= \"ab\"*", List.of("", "abab"), List.of("abb", "aba")),
                of("root ::= \"a\"+ \"b\"?", List.of("a", "aab"), List.of("", "b", "abb")),
                of("root ::= \"a\"{3}", List.of("aaa"), List.of("aa", "aaaa")),
                of("root ::= \"a\" { 2 , }", List.of("aa", "aaaaa"), List.of("a")),
                of("root ::= \"a\"{1,3}", List.of("a", "aa", "aaa"), List.of("", "aaaa")),
                of("root ::= \"a\"{0,2}", List.of("", "a", "aa"), List.of("aaa")),
                of("root ::= \"a\"{0}\"b\"", List.of("b"), List.of("ab")),
                of("root ::= \"a\"{2}{2}", List.of("aaaa"), List.of("aa", "aaa")),
                of("root ::= (\"a\" | \"b\")+ \"c\"", List.of("abac", "bc"), List.of("c", "ab")),
                of("root ::= ((\"a\"?){3}){2}", List.of("", "aaaaaa"), List.of("aaaaaaa")),
                of("root ::= (\"a\"?)* \"b\"", List.of("b", "aab"), List.of("a")),
                of("root ::= [a-c]", List.of("a", "b", "c"), List.of("d", "-", "")),
                of("root ::= [abx-z]", List.of("a", "b", "y"), List.of("c", "-")),
                of("root ::= [a-]", List.of("a", "-"), List.of("b")),
                of("root ::= [-a]", List.of("a", "-"), List.of("b")),
                of("root ::= [a-c-e]", List.of("b", "-", "e"), List.of("d")),
                of("root ::= [a\\-c]", List.of("a", "-", "c"), List.of("b")),
                of("root ::= [\\]\\[\\\\\"]", List.of("]", "[", "\\", "\""), List.of("a")),
                of("root ::= [^a-c]", List.of("d", "\n", "é", "😀"), List.of("b", "", "dd")),
                of("root ::= [^\\n]+", List.of("abc", "日本"), List.of("a\nb")),
                of("root ::= [^^]", List.of("a"), List.of("^")),
                of("root ::= [a^]", List.of("a", "^"), List.of("b")),
                of("root ::= .", List.of("a", "\n", "é", "ࠀ", "😀", "\u0000"), List.of("", "ab")),
                of(
                        "root ::= \"\\x41\\u00e9\\U0001F600\\t\\r\\n\\\"\\\\\\[\\]\\-\"",
                        List.of("Aé😀\t\r\n\"\\[]-"),
                        List.of("A")),
                of("root ::= \"日\" [末-本] \"é\"*", List.of("日本", "日本éé"), List.of("日", "日a")),
                of("root ::= [😀-😂]", List.of("😀", "😁", "😂"), List.of("😃", "a")),
                of("root ::= \"two\nlines\"", List.of("two\nlines"), List.of("two")),
                of(
                        "# a comment\n\nroot ::= a # another\na ::= \"#\" # \"b\"\n",
                        List.of("#"),
                        List.of("", "b")),
                of("root ::= \"a\" |\n  \"b\" |\n\n \"c\"", List.of("a", "b", "c"), List.of("ab")),
                of("root ::=\n  \"a\"", List.of("a"), List.of("")),
                of(
                        "root ::= (\n \"a\"\n \"b\" # c\n | \"c\" )\r\nx ::= \"d\"",
                        List.of("ab", "c"),
                        List.of("a")),
                of(
                        "root::=a-1 A 2\na-1::=\"x\"\nA::=\"y\"\n2::=\"z\"",
                        List.of("xyz"),
                        List.of("xy")),
                of("root ::= \"(\" root \")\" | \"x\"", List.of("x", "((x))"), List.of("(x", "x)")),
                of(
                        "root ::= \"a\" root \"b\" |",
                        List.of("", "aabb"),
                        List.of("ab ", "aab", "abb")),
                of(
                        "root ::= e\ne ::= t (\"+\" t)*\nt ::= [0-9]+ | \"(\" e \")\"",
                        List.of("1", "1+(2+34)+5"),
                        List.of("1+", "(1", "+1")),
                of("root ::= a b\na ::= \"x\"*\nb ::= \"x\"", List.of("x", "xxx"), List.of("")));
    }

    private static Arguments of(String grammar, List<String> accepted, List<String> refused) {
        return Arguments.of(grammar, accepted, refused);
    }

    @ParameterizedTest
    @MethodSource("grammars")
    void acceptsTheTextsOfAGrammarAndNoOthers(
            String gbnf, List<String> accepted, List<String> refused) {
        Grammar grammar = Grammar.parse(gbnf);
        var texts = new Texts(grammar);
        assertThat(texts.refused(accepted)).isEmpty();
        assertThat(texts.refused(refused)).isEqualTo(refused);

        var again = new Texts(Grammar.parse(grammar.toString()));
        assertThat(again.refused(accepted)).as("%s", grammar).isEmpty();
        assertThat(again.refused(refused)).as("%s", grammar).isEqualTo(refused);
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of(
                        "",
                        "line 1, column 1: there is no rule 'root', which a grammar begins with"),
                Arguments.of(
                        "a ::= \"b\"",
                        "line 1, column 1: there is no rule 'root', which a grammar begins with"),
                Arguments.of("root ::= \"a\" b", "line 1, column 14: there is no rule 'b'"),
                Arguments.of("root ::= \"a", "line 1, column 10: a text without its closing '\"'"),
                Arguments.of(
                        "root ::= [a",
                        "line 1, column 10: a character class without its closing ']'"),
                Arguments.of(
                        "root ::= []",
                        "line 1, column 10: a character class that names no character"),
                Arguments.of(
                        "root ::= [\\ud800]",
                        "line 1, column 10: a character class that names no character"),
                Arguments.of(
                        "root ::= [z-a]",
                        "line 1, column 11: a range that runs backwards, U+007A to U+0061"),
                Arguments.of(
                        "root ::= \"\\q\"",
                        "line 1, column 11: wanted an escape \\x \\u \\U \\t \\r"
                                + " \\n"
                                + " \\\\ \\\" \\[ \\] or \\-"),
                Arguments.of(
                        "root ::= \"\\x4g\"", "line 1, column 11: wanted 2 hexadecimal digits"),
                Arguments.of(
                        "root ::= \"\\U00110000\"",
                        "line 1, column 11: there are no characters beyond U+10FFFF"),
                Arguments.of(
                        "root ::= \"\\ud83d\"",
                        "line 1, column 11: U+D83D is half a surrogate pair, no character"),
                Arguments.of(
                        "root ::= *",
                        "line 1, column 10: '*' wants something before it that it repeats"),
                Arguments.of(
                        "root ::= \"a\"{3,2}",
                        "line 1, column 13: a repetition of at least 3 and at most 2"),
                Arguments.of("root ::= \"a\"{x}", "line 1, column 14: wanted a count, got 'x'"),
                Arguments.of(
                        "root ::= \"a\"{9999999999}",
                        "line 1, column 14: wanted a count below 1000000000, got 9999999999"),
                Arguments.of(
                        "root ::= \"a\"{1", "line 1, column 15: wanted ',' or '}', got the end"),
                Arguments.of("root ::= (\"a\"", "line 1, column 14: wanted ')', got the end"),
                Arguments.of(
                        "root ::= \"a\")",
                        "line 1, column 13: wanted an item, '|' or the end of the line, got ')'"),
                Arguments.of(
                        "root = \"a\"",
                        "line 1, column 6: wanted '::=' behind the name of a rule, got '='"),
                Arguments.of(
                        "ro_ot ::= \"a\"",
                        "line 1, column 3: wanted '::=' behind the name of a rule, got '_'"),
                Arguments.of(
                        "root ::= \"a\"\n\n  | \"b\"",
                        "line 3, column 3: a line cannot begin with '|'; put it at the end of the"
                                + " line before"),
                Arguments.of(
                        "root ::= \"a\"\nroot ::= \"b\"",
                        "line 2, column 1: rule 'root' is there twice"),
                Arguments.of(
                        "root ::= x\nx ::= x \"a\" | \"b\"",
                        "line 2, column 1: rule 'x' begins with itself (left recursion), through"
                                + " 'x'"),
                Arguments.of(
                        "root ::= a\na ::= b?  c\nb ::= \"x\"\nc ::= a \"y\" | \"z\"",
                        "line 2, column 1: rule 'a' begins with itself (left recursion), through"
                                + " 'c'"),
                Arguments.of(
                        "root ::= \"a\" root",
                        "line 1, column 1: rule 'root' has no end: every way to finish it calls for"
                                + " more"),
                Arguments.of(
                        "root ::= <x", "line 1, column 10: wanted a token, '<[17]>' or '<text>'"),
                Arguments.of(
                        "root ::= <[x]>",
                        "line 1, column 10: wanted a token's id, '<[17]>', got '<[x]>'"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void mistakesAreNamedWithTheirPlace(String gbnf, String message) {
        assertThatThrownBy(() -> Grammar.parse(gbnf))
                .isInstanceOf(GrammarException.class)
                .hasMessage(message);
    }

    @Test
    void onlyUtf8IsAccepted() {
        var texts = new Texts(Grammar.parse("root ::= .*"));
        for (int b = 0; b < 256; b++) {
            boolean begins =
                    b < 0x80 || (b >= 0xC2 && b <= 0xF4); // the Unicode Standard, table 3-7
            assertThat(texts.begins(new byte[] {(byte) b})).as("%02X", b).isEqualTo(begins);
        }
        assertThat(texts.begins(bytes(0xE0, 0x9F))).isFalse();
        assertThat(texts.begins(bytes(0xE0, 0xA0))).isTrue();
        assertThat(texts.accepts(bytes(0xE0, 0xA0))).isFalse();
        assertThat(texts.begins(bytes(0xED, 0xA0))).isFalse();
        assertThat(texts.begins(bytes(0xF4, 0x90))).isFalse();
        assertThat(texts.begins(bytes(0xC3, 0x41))).isFalse();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    @Test
    void everyCharacterIsInItsClassAndInNoOther() {
        var low =
                new Texts(
                        Grammar.parse(
                                "root ::="
                                    + " [\\u0000-\\u07a5\\u0900-\\uabcd\\U00010001-\\U0001fffe]"));
        for (int c = 0; c <= Character.MAX_CODE_POINT; c += c % 0x400 < 3 ? 1 : 37) {
            if (c < 0xD800 || c > 0xDFFF) {
                boolean in =
                        c <= 0x7A5 || (c >= 0x900 && c <= 0xABCD) || (c >= 0x10001 && c <= 0x1FFFE);
                assertThat(low.accepts(Character.toString(c))).as("U+%04X", c).isEqualTo(in);
            }
        }
    }

    @Test
    void costsAreTheLengthsOfTheShortestEnds() {
        var texts =
                new Texts(
                        Grammar.parse(
                                "root ::= \"{\" [a-z]{3,9} (\"é\" | \"(\" root \")\") \"}\""));
        assertThat(texts.cost("")).isEqualTo(7);
        assertThat(texts.cost("{ab")).isEqualTo(4);
        assertThat(texts.cost("{abc(")).isEqualTo(9);
        assertThat(texts.cost("{abc({abcdé}")).isEqualTo(2);
    }
}
