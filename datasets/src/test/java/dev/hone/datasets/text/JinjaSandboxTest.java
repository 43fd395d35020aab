package dev.hone.datasets.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JinjaSandboxTest {
    private static final JinjaSandbox.Limits TIGHT =
            new JinjaSandbox.Limits(3_000_000, Duration.ofSeconds(5), 64L << 20);

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Time.
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                // Memory: strings, lists, ranges, padding.
                "{% set ns = namespace(s='0123456789') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s }}",
                "{% set ns = namespace(l=[1, 2]) %}{% for i in range(60) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
                "{{ range(999999999999) | length }}",
                "{{ 'a\n' * 999999999 }}",
                "{{ 'a\nb' | indent(999999999) }}",
                "{{ {'a': {'b': 1}} | tojson(indent=999999999) }}",
                // Output.
                "{% for a in range(99999) %}{{ '0123456789' * 9999 }}{% endfor %}",
                // A way out of the template.
                "{{ ''.constructor.constructor('return process')() }}",
                "{{ messages.__class__.__mro__ }}",
                "{{ Java.type('java.lang.Runtime') }}",
                "{{ load('/etc/passwd') }}",
                "{{ namespace.constructor('return this')() }}",
            })
    void aHostileTemplateIsRefusedInBoundedTime(String template) {
        try (JinjaSandbox sandbox = new JinjaSandbox("hostile", template, TIGHT)) {
            assertThatThrownBy(() -> sandbox.render("{\"messages\": []}"))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("hostile: ");
        }
    }

    @Test
    void theClockBoundsWhatTheStatementsDoNot() {
        JinjaSandbox.Limits limits = new JinjaSandbox.Limits(Long.MAX_VALUE, Duration.ofMillis(200), Long.MAX_VALUE);
        String endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";
        try (JinjaSandbox sandbox = new JinjaSandbox("slow", endless, limits)) {
            assertThatThrownBy(() -> sandbox.render("{}"))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("ran past its bound");
        }
    }

    @Test
    void rendersAgainAfterARefusalWithFreshLimits() {
        String template = "{% for i in range(n) %}{{ i }}{% endfor %}";
        try (JinjaSandbox sandbox = new JinjaSandbox("template", template, TIGHT)) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> sandbox.render("{\"n\": 1000000}")).isInstanceOf(UserError.class);
                assertThat(sandbox.render("{\"n\": 3}")).isEqualTo("012");
            }
        }
    }

    @Test
    void aHugeTemplateIsRefusedUnread() {
        assertThatThrownBy(() -> new JinjaSandbox("huge", " ".repeat(1 << 19), TIGHT))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("at most 262144");
    }
}
