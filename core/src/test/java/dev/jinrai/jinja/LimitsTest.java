package dev.jinrai.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Templates of strangers within [Limits#DEFAULT]: each of these once ran for minutes, or filled the
/// heap. They take up to two seconds now; the bound leaves room for a loaded machine.
class LimitsTest {
    private static final Duration BOUND = Duration.ofSeconds(20);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% set b = 'a' * 30000000 %}{{ range(1000) | map(attribute=b) | list | length }}",
                "{{ range(100000) | map(attribute='x.' * 1000000, default=1) | list | length }}",
                "{{ '%.99999999f' % 1.5 }}",
                "{{ '{:.99999999f}'.format(1.5) }}",
                "{{ ('a' * 10000000).strip('b' * 10000000 ~ 'a') | length }}",
                "{{ ('a' * 10000000) | trim('b' * 10000000 ~ 'a') | length }}",
                "{{ '{:,}'.format('1' * 200000) | length }}",
                "{% set b = 'A' * 60000000 %}{% for i in range(100000) %}{{ 1 if b is upper }}{%"
                        + " endfor %}",
                "{% for i in range(100000) %}{% for k in x %}{% break %}{% endfor %}{% endfor %}",
                "{% set n = namespace(l=[]) %}{% for i in range(4000) %}{% set n.l = n.l +"
                        + " [x.keys()] %}{% endfor %}",
                "{% set t = (1,) * 3000000 %}{% for i in range(100000) %}{{ 1 if t in x }}{% endfor"
                        + " %}",
                "{% set b = 'я' * 10000000 %}{% for i in range(100000) %}{{ '%.1s' % b }}{% endfor"
                        + " %}"
            })
    void noTemplateRunsForLong(String source) {
        Map<String, Object> large = new LinkedHashMap<>();
        for (int i = 0; i < 100_000; i++) {
            large.put("k" + i, i);
        }
        Template template = Template.parse(source);
        Assertions.assertTimeoutPreemptively(
                BOUND,
                () -> {
                    try {
                        template.render(Map.of("x", large), Limits.DEFAULT, Clock.systemUTC());
                    } catch (TemplateException e) {
                        assertThat(e)
                                .hasMessageMatching(
                                        "line 1, column .*(more than|longer than|format).*")
                                .hasNoCause();
                    }
                });
    }

    @Test
    void aLongPieceIsFoundInALongText() {
        Map<String, String> texts =
                Map.of("x", "a".repeat(3_999) + "b", "y", "a".repeat(999_999) + "b");
        assertThat(Template.parse("{{ x in y }} {{ y.find(x) }} {{ y.rfind(x) }}").render(texts))
                .isEqualTo("True 996000 996000");
    }

    @Test
    void aLongNumberIsAnError() {
        for (int length : new int[] {3_000, 6_000, 100_000}) {
            Assertions.assertThrows(
                    TemplateException.class,
                    () -> Template.parse("{{ " + "1".repeat(length) + " }}"));
        }
    }
}
