package dev.jinrai.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Small templates, a few for each feature. Python's jinja2 3.1.6 wrote the expectations.
class TemplateTest {
    private static final Limits SMALL = new Limits(100_000, 10_000, 100_000, 300);

    @Test
    void rendersAsJinja2() {
        renders("{{ [1, 2, 3][::-1] }}{{ 'abc'[-2:] }}", "[3, 2, 1]bc");
        renders(
                "{% set ns = namespace(n=0) %}{% for i in range(4) %}{% set ns.n = ns.n + i %}{%"
                        + " endfor %}{{ ns.n }}",
                "6");
        renders(
                "{% macro f(x, y=2) %}{{ x }}{{ y }}{{ caller() if caller }}{% endmacro %}{{ f(1)"
                        + " }}{{ f(1, y='z') }}{% call f(3) %}!{% endcall %}",
                "121z32!");
        renders(
                "{% macro f(n) %}{{ n }}{% if n %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3)"
                        + " }}",
                "3210");
        renders(
                "{% for i in [1, [2, [3]]] recursive %}{{ loop(i) if i is sequence else i }}{% else"
                        + " %}none{% endfor %}",
                "123");
        renders(
                "{% for i in range(9) if i % 2 %}{% if i == 3 %}{% continue %}{% elif i == 7 %}{%"
                        + " break %}{% endif %}{{ i }}{{ loop.last }}{% endfor %}",
                "1False5False");
        renders(
                "{% for i in [] %}{% else %}empty{% endfor %}{% set x %}a{{ 1 }}{% endset %}{{ x |"
                        + " upper }}",
                "emptyA1");
        renders(
                "{{ 7 / 2 }} {{ 8 / 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 2 ** 10 }} {{ 1 < 2 <= 2 }}"
                        + " {{ 1 ~ none }} {{ 'a' in 'abc' }}",
                "3.5 4.0 -4 2 1024 True 1None True");
        renders(
                "{{ [none, true, 1.0, 1e20, 'it\\'s', {'a': (1,)}] }}",
                "[None, True, 1.0, 1e+20, \"it's\", {'a': (1,)}]");
        renders(
                "{{ {'a': [1, 'é<'], 'b': {}} | tojson(indent=2) }}{{ [1, none, 1.5] | tojson }}",
                "{\n  \"a\": [\n    1,\n    \"é<\"\n  ],\n  \"b\": {}\n}[1, null, 1.5]");
        renders(
                "  {% if true %}\n  a\n  {%- endif %}\n b {# c #}\n{% raw %}{{ x }}{% endraw %}",
                "  a b {{ x }}");
        renders(
                "{{ x | default('d') }}{{ x is defined }}{{ none is none }}{{ 1 is number }}{{ {}"
                        + " is mapping }}{{ 'a' is string }}{{ 3 is in [3] }}",
                "dFalseTrueTrueTrueTrueTrue");
        renders(
                "{{ ' a b '.strip().split() }}{{ 'x-y'.split('-', 1) | join('+') }}{{"
                        + " 'abc'.startswith(('x', 'a')) }}{{ 'a'.replace('a', 'b').title() }}",
                "['a', 'b']x+yTrueB");
        renders(
                "{{ {'b': 1, 'a': 2} | dictsort }}{{ {'k': 1}.items() | list }}{{ {'k': 1}.get('z',"
                        + " 5) }}",
                "[('a', 2), ('b', 1)][('k', 1)]5");
        renders(
                "{{ [3, 1, 2] | sort(reverse=true) }}{{ [1, 1, 2] | unique | list }}{{ range(5) |"
                        + " batch(2) | list }}{{ ['a', 'B'] | map('upper') | join }}",
                "[3, 2, 1][1, 2][[0, 1], [2, 3], [4]]AB");
        renders(
                "{{ [{'n': 1}, {'n': 2}] | selectattr('n', 'gt', 1) | map(attribute='n') | list"
                        + " }}{{ '3.7' | int }}{{ 2.5 | round }}{{ 'a\\nb' | indent(2) }}",
                "[2]32.0a\n  b");
        renders(
                "{{ '%s-%05.2f' % ('a', 3.14159) }}{{ '{} {x:>4}'.format(1, x=2) }}",
                "a-03.141    2");
        renders(
                "{{ '<' | escape }}{{ ('<' | safe) + '<' }}{% filter upper %}a{% endfilter %}{%"
                        + " with a = 1 %}{{ a }}{% endwith %}",
                "&lt;<&lt;A1");
        renders(
                "{{ 'x😀y' | length }}{{ 'x😀y'[1] }}{{ 9223372036854775807 + 1 }}",
                "3😀9223372036854775808");
    }

    @Test
    void aNameBelongsToTheScopeThatSetsItFromItsStart() {
        renders(
                "{% set z = 3 %}{% for i in [1, 2] %}{% for j in [1] %}{{ z }}{%"
                        + " endfor %}{% set z = 5 %}{% endfor %}",
                "33");
        renders("{% for i in [1, 2] %}{{ z }}{% endfor %}{% set z = 5 %}", "");
        renders("{% for i in [1, 2] if z %}{{ i }}{% endfor %}{% set z = 5 %}", "");
        renders("{% macro f() %}{{ z }}{% endmacro %}{{ f() }}{% set z = 5 %}{{ f() }}", "5");
        renders("{% set z = 3 %}{% macro f(z=z) %}{{ z }}{% endmacro %}{{ f() }}", "");
        renders(
                "{% if false %}{% set z = 1 %}{% endif %}{% for i in [1] %}{{ z is"
                        + " defined }}{% endfor %}",
                "False");
        renders(
                "{% generation %}{% set q = 1 %}{% endgeneration %}{{ q }}{%"
                        + " autoescape false %}{% set p = 1 %}{% endautoescape %}{{ p }}",
                "");
        renders(
                "{% set n = namespace(i=0) %}{% for i in [1, 2, 3] if n.i < 2 %}{% set"
                        + " n.i = n.i + 1 %}{{ i }}{% endfor %}",
                "12");
        renders(
                "{% set z = 1 %}{% for i in [1] %}{% set z = 2 %}{% block b %}{{ z"
                        + " }}{% endblock %}{% endfor %}",
                "1");
    }

    @Test
    void jumpsLeaveTheBlocksInALoop() {
        renders("{% for x in [1] %}a{% break %}{% else %}b{% endfor %}", "ab");
        renders(
                "{% for x in [1, 2] %}{% for y in [] %}{% else %}{% break %}{% endfor"
                        + " %}{{ x }}{% endfor %}.",
                ".");
        renders(
                "{% for x in [1, 2] %}{% filter upper %}a{% continue %}{% endfilter"
                        + " %}{% endfor %}.",
                ".");
        renders(
                "{% for x in [1, 2] %}{% set s %}a{% if x == 1 %}{% continue %}{%"
                        + " endif %}{% endset %}{{ s }}{{ x }}{% endfor %}",
                "a2");
    }

    @Test
    void computesAsPython() {
        renders(
                "{{ 1.1 | round(1, 'ceil') }} {{ 2.3 | round(1, 'floor') }} {{ (-0.4)"
                        + " | round }} {{ 5 | round(0, 'floor') }}",
                "1.1 2.3 -0.0 5.0");
        renders(
                "{{ 1.0 // 0.1 }} {{ 5e-324 }} {{ 9007199254740993 / 3 }} {{"
                        + " 9007199254740993 == 9007199254740992.0 }} {{ -7.5 % 2 }}",
                "9.0 5e-324 3002399751580331.0 False 0.5");
        renders(
                "{{ {1: 'a'}[true] }} {{ {1.0: 'a'} }} {{ [1, 1.0, true] | unique |"
                        + " list }} {{ [0, 1] == range(2) }} {{ range(5)[1:3] }}",
                "a {1.0: 'a'} [1] False range(1, 3)");
        renders(
                "{{ '0x1f' | int(0, 16) }} {{ '0b11' | int(0, 2) }} {{ '1__2' | int }}"
                        + " {{ '_1' | int }} {{ '1_0' | int }} {{ '1_0.5' | float }}",
                "31 3 0 0 10 10.5");
        renders("{{ {1: 2, true: 4, none: 3} | tojson }}", "{\"1\": 4, \"null\": 3}");
    }

    @Test
    void formatsAsPython() {
        renders(
                "{{ '%.3d' % 5 }} {{ '%#x' % 255 }} {{ '%e' % 1.5 }} {{ '%g' % 1e10 }}"
                        + " {{ '%5.1f|%-5s|%05d' % (3.14159, 'a', -3) }} {{ 'x' % [] }}",
                "005 0xff 1.500000e+00 1e+10   3.1|a    |-0003 x");
        renders(
                "{{ '{:.3}'.format(3.14159) }} {{ '{:5}'.format(true) }} {{"
                        + " '{:,}'.format(1234567) }} {{ '{:%}'.format(0.5) }} {{"
                        + " '{:c}'.format(65) }}",
                "3.14     1 1,234,567 50.000000% A");
        renders(
                "{{ '{0.b} {0[a]} {1!r} {2:{3}}|'.format({'b': 1, 'a': 2}, 'q', 'w'," + " 5) }}",
                "1 2 'q' w    |");
        renders(
                "{{ ('a' | safe).join(['<']) }} {{ ('%s' | safe) % '<' }} {{ ('{}' |"
                        + " safe).format('<') }}",
                "&lt; &lt; &lt;");
    }

    @Test
    void stringsAndSequencesAsPython() {
        renders(
                "{% for g in [{'r': 'b'}, {'r': 'a'}] | groupby('r') %}{{ g.grouper"
                        + " }}{{ g.list | length }}{{ g[0] }};{% endfor %}",
                "a1a;b1b;");
        renders(
                "{{ 'héllo wörld ǅ' | wordcount }} {{ [1, 2, 3, 4] | slice(2, 'x') |"
                        + " list }} {{ '  a b  c '.rsplit(None, 1) }}",
                "3 [[1, 2, 'x'], [3, 4, 'x']] ['  a b', 'c']");
        renders(
                "{{ {'b': 1} | attr('b') }}|{{ {'a': 1, 'b': 'x y'} | urlencode }} {{"
                        + " [1] | map(attribute='z', default=none) | list }}",
                "|a=1&b=x+y [Undefined]");
        renders(
                "{{ [1, 2] | truncate }} {{ undef is callable }} {{ 'abc'.find('', 5)"
                        + " }} {{ 'abc'.count('', 4) }} {{ '²'.isdigit() }} {{"
                        + " 'straße'.casefold() }} {{ 'ß' | capitalize }}",
                "[1, 2] True -1 0 True strasse Ss");
        renders(
                "{% set c = cycler(1, 2) %}{{ c.next() }}{{ c.reset() }}{{ c.current"
                        + " }} {{ 5 | center(5) }}|",
                "1None1   5  |");
        renders(
                "{{ [[1, [2]]].0.1 }} {{ '\\N{BULLET}' }} {{ 'odd' is test }} {{"
                        + " 1000000 | filesizeformat }} {{ 1000000 | filesizeformat(true) }}",
                "[2] • True 1.0 MB 976.6 KiB");
        renders(
                "{{ 'aB1'.isascii() }} {{ 'a1'.isidentifier() }} {{ 'Ab Cd'.istitle()"
                        + " }} {{ 'a\\tb'.isprintable() }} {{ 'a\\tb'.expandtabs(4) }}",
                "True True True False a   b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
                "{{ 'a' * 999999999 }}",
                "{{ [1] * 999999999 }}",
                "{{ 2 ** 99999999 }}",
                "{{ range(999999999) }}",
                "{{ 'a' | center(999999999) }}",
                "{{ '%999999999d' % 1 }}",
                "{{ 'ab' | indent(999999999) }}",
                "{{ [1] | tojson(indent=999999999) }}",
                "{% set n = namespace(x='aa') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{%"
                        + " endfor %}",
                "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{%"
                        + " endfor %}{{ n.x }}",
                "{% set n = namespace(x=[1]) %}{% for i in range(9999) %}{% set n.x = [n.x] %}{%"
                        + " endfor %}{{ n.x }}",
                "{% set n = namespace() %}{% set n.n = n %}{{ n }}"
            })
    void noTemplateTakesMoreThanItsLimits(String source) {
        Template template = Template.parse(source);
        assertThatThrownBy(() -> template.render(Map.of(), SMALL, Clock.systemUTC()))
                .isInstanceOf(TemplateException.class)
                .message()
                .startsWith("line 1, column ")
                .hasLineCount(1);
    }

    @Test
    void deeplyNestedSourceIsAnError() {
        assertThatThrownBy(
                        () -> Template.parse("{{ " + "(".repeat(9999) + ")".repeat(9999) + " }}"))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("nested deeper");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ x.y }}",
                "{{ 1 + 'a' }}",
                "{% do x %}",
                "{{ [].append(1) }}",
                "{% if %}",
                "{{ x | nope }}",
                "{{ 'a' | striptags }}",
                "{% set n = none %}{{ n[1:] }}",
                "{{ '%(x)s' % {'a': 1} }}",
                "{{ '{:d}'.format(1.5) }}",
                "{{ '{:s}'.format(5) }}",
                "{{ '{:>10}'.format(none) }}",
                "{{ '{:,}'.format('123456') }}",
                "{{ '%x' % 1.5 }}",
                "{{ '{0} {}'.format(1, 2) }}",
                "{{ 0.0 ** -1 }}",
                "{{ 10.0 ** 400 }}",
                "{{ undef | indent }}",
                "{{ none | indent }}",
                "{{ 5 | truncate }}",
                "{{ 'foobar baz' | truncate(2) }}",
                "{{ '\\x1' }}",
                "{{ '\\u12' }}",
                "{{ '\\U00110000' }}",
                "{{ 012 }}",
                "{{ 07 }}",
                "{% if a if b else c %}{% endif %}",
                "{% for loop in [] %}{% endfor %}",
                "{% for x, in [[1]] %}{% endfor %}",
                "{% macro f(a=1, b) %}{% endmacro %}",
                "{{ 1 is number is true }}",
                "{{ dict(**{}, a=1) }}",
                "{{ 'a'.partition('') }}",
                "{{ 'a'.center(5, 'ab') }}",
                "{{ 'foo'.replace('o', '0', count=1) }}",
                "{{ {}.get('a', default=1) }}",
                "{{ 'inf' | float | int }}",
                "{% for i in [1] %}{% generation %}{% break %}{% endgeneration %}{% endfor %}",
                "{{ range(3) < [1] }}",
                "{{ [2, 1] | groupby('x') }}"
            })
    void whatJinja2RefusesIsRefused(String source) {
        assertThatThrownBy(() -> Template.parse(source).render(Map.of()))
                .isInstanceOf(TemplateException.class)
                .hasMessageStartingWith("line 1, column ");
    }

    private static void renders(String source, String text) {
        assertThat(Template.parse(source).render(Map.of())).as(source).isEqualTo(text);
    }
}
