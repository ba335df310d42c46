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
                "{{ x | nope }}"
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
